using System.Globalization;
using System.Text;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

public abstract partial class ListStoreContract
{
    [Fact]
    public async Task Documents_of_a_group_are_read_by_key_and_any_bytes_stay_whole()
    {
        byte[] content = [58, 0, 255, 49, 58, .. Encoding.UTF8.GetBytes("é{}")];
        foreach (string key in (string[])["b", "a", "ж"])
            Assert.True(await Store.TryWriteDocumentAsync(new("g", key, 1, content), 0, Cancellation));
        Assert.True(await Store.TryWriteDocumentAsync(new("other", "a", 7, new byte[] { 1 }), 0, Cancellation));
        IReadOnlyList<StoredDocument> documents = await Store.ReadDocumentsAsync("g", Cancellation);
        Assert.Equal(["a", "b", "ж"], documents.Select(document => document.Key));
        Assert.All(documents, document => Assert.Equal(content, document.Content.ToArray()));
        StoredDocument? one = await (await OpenAnotherAsync()).ReadDocumentAsync("other", "a", Cancellation);
        Assert.Equal(("other", "a", 7L), (one!.Group, one.Key, one.Revision));
        Assert.Null(await Store.ReadDocumentAsync("g", "c", Cancellation));
        Assert.Empty(await Store.ReadDocumentsAsync("none", Cancellation));
        Assert.Empty(await Store.ReadListsAsync(Cancellation));
    }

    [Fact]
    public async Task A_document_is_replaced_and_deleted_only_at_the_revision_that_is_expected()
    {
        Assert.False(await Store.TryWriteDocumentAsync(new("g", "k", 2, new byte[1]), 1, Cancellation));
        Assert.True(await Store.TryWriteDocumentAsync(new("g", "k", 1, new byte[1]), 0, Cancellation));
        Assert.False(await Store.TryWriteDocumentAsync(new("g", "k", 1, new byte[2]), 0, Cancellation));
        Assert.True(await Store.TryWriteDocumentAsync(new("g", "k", 10, new byte[3]), 1, Cancellation));
        Assert.False(await Store.TryWriteDocumentAsync(new("g", "k", 2, new byte[4]), 1, Cancellation));
        Assert.False(await Store.TryDeleteDocumentAsync("g", "k", 1, Cancellation));
        Assert.False(await Store.TryDeleteDocumentAsync("g", "k", 0, Cancellation));
        Assert.Equal(3, (await Store.ReadDocumentAsync("g", "k", Cancellation))!.Content.Length);
        Assert.True(await Store.TryDeleteDocumentAsync("g", "k", 10, Cancellation));
        Assert.False(await Store.TryDeleteDocumentAsync("g", "k", 10, Cancellation));
        Assert.Null(await Store.ReadDocumentAsync("g", "k", Cancellation));
    }

    [Fact]
    public async Task Of_twenty_writers_of_a_document_one_wins()
    {
        IListStore other = await OpenAnotherAsync();
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? Store : other)
            .TryWriteDocumentAsync(
                new("g", "k", 1, Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture))),
                0,
                Cancellation)));
        Assert.Single(won, true);
        StoredDocument? stored = await Store.ReadDocumentAsync("g", "k", Cancellation);
        Assert.Equal(
            Array.IndexOf(won, true).ToString(CultureInfo.InvariantCulture),
            Encoding.UTF8.GetString(stored!.Content.Span));
    }

    [Fact]
    public async Task A_lease_has_one_holder_until_it_is_given_back_or_runs_out()
    {
        TimeSpan hour = TimeSpan.FromHours(1);
        IListStore other = await OpenAnotherAsync();
        Assert.Equal("one", await Store.LeaseAsync("l", "one", hour, Cancellation));
        Assert.Equal("one", await other.LeaseAsync("l", "two", hour, Cancellation));
        Assert.Equal("one", await Store.LeaseAsync("l", "one", hour, Cancellation));
        await other.ReleaseLeaseAsync("l", "two", Cancellation);
        Assert.Equal("one", await other.LeaseAsync("l", "two", hour, Cancellation));
        Assert.Equal("two", await other.LeaseAsync("m", "two", hour, Cancellation));
        await Store.ReleaseLeaseAsync("l", "one", Cancellation);
        Assert.Equal("two", await other.LeaseAsync("l", "two", TimeSpan.FromMilliseconds(20), Cancellation));
        await Fixtures.Eventually.TrueAsync(
            async () => await Store.LeaseAsync("l", "three", hour, Cancellation) == "three",
            "the lease runs out",
            Cancellation);
    }
}
