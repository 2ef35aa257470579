using System.Security.Cryptography;
using HashMatch.Matching.Access;
using HashMatch.Matching.Stores;
using HashMatch.Tests.Matching;
using Xunit;

namespace HashMatch.Tests.Access;

/// <summary>Keys, and what is kept of them and of callers.</summary>
public sealed class ApiKeyTests
{
    [Fact]
    public void A_key_is_read_as_it_was_made_and_says_nothing_of_itself()
    {
        var key = ApiKey.Create();
        Assert.True(ApiKey.TryParse(key.Reveal(), out ApiKey? read));
        Assert.Equal((key.Id, key.Hash), (read.Id, read.Hash));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(key.Reveal()[20..]))), key.Hash);
        Assert.DoesNotContain(key.Reveal()[20..], $"{key} {key.Id} {key.Hash}", StringComparison.Ordinal);
        Assert.NotEqual(key.Reveal(), ApiKey.Create().Reveal());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hm_")]
    [InlineData("hm_0123456789abcdef_")]
    [InlineData("xx_0123456789abcdef_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("hm_0123456789abcdeg_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("hm_0123456789abcdef-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("hm_0123456789abcdef_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg")]
    [InlineData("hm_0123456789ABCDEF_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void What_is_no_key_is_none(string? text) => Assert.False(ApiKey.TryParse(text, out _));

    [Fact]
    public void Roles_are_words_and_a_word_that_is_none_grants_nothing()
    {
        Assert.Equal(CallerRoles.All, RoleWords.Read(RoleWords.All));
        Assert.Equal(RoleWords.All, RoleWords.Of(CallerRoles.All));
        Assert.Equal(CallerRoles.None, RoleWords.Read(["All", "Matcher", "31", "admin", ""]));
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_locks_out_its_caller_alone()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using TemporaryStore temporary = await TemporaryStore.OpenAsync();
        IListStore store = temporary.Store;
        var catalog = new CallerCatalog(store, TimeProvider.System);
        Assert.NotNull((await catalog.AddAsync(
            "good", new CallerDefinition { Roles = ["matcher"] }, ApiKey.Create(), cancellation)).Caller);
        string[] broken = ["{", "{}", """{"format":2}""", """{"format":1,"roles":["matcher"],"keys":[null]}"""];
        foreach ((int i, string text) in broken.Index())
        {
            Assert.True(await store.TryWriteDocumentAsync(
                new StoredDocument(CallerCatalog.Group, $"bad-{i}", 1, System.Text.Encoding.UTF8.GetBytes(text)),
                0,
                cancellation));
        }

        List<string> unreadable = [];
        IReadOnlyList<StoredCaller> read = await catalog.ReadAllAsync(unreadable.Add, cancellation);
        Assert.Equal("good", Assert.Single(read).Name);
        Assert.Equal(["bad-0", "bad-1", "bad-2", "bad-3"], unreadable);
        Assert.NotNull((await catalog.RemoveAsync("bad-0", cancellation)).Caller);
    }

    [Fact]
    public async Task Keys_of_a_caller_are_bounded_and_the_old_ones_end_when_it_was_said()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using TemporaryStore temporary = await TemporaryStore.OpenAsync();
        var catalog = new CallerCatalog(temporary.Store, TimeProvider.System);
        await catalog.AddAsync("one", new CallerDefinition { Roles = ["matcher"] }, ApiKey.Create(), cancellation);
        CallerResult rotated = new(null);
        for (int i = 1; i < CallerDefinition.MaxKeys; i++)
        {
            rotated = await catalog.RotateAsync("one", ApiKey.Create(), TimeSpan.FromHours(i), cancellation);
        }

        Assert.Equal(CallerDefinition.MaxKeys, rotated.Caller!.Definition.Keys.Count);
        // A longer overlap lengthens no key's time.
        Assert.True(rotated.Caller.Definition.Keys[^1].ExpiresAt < DateTimeOffset.UtcNow.AddHours(1.5));
        Assert.Equal(
            "INVALID",
            (await catalog.RotateAsync("one", ApiKey.Create(), TimeSpan.FromHours(1), cancellation)).Reason);
        rotated = await catalog.RotateAsync("one", ApiKey.Create(), TimeSpan.Zero, cancellation);
        Assert.Null(Assert.Single(rotated.Caller!.Definition.Keys).ExpiresAt);
    }
}
