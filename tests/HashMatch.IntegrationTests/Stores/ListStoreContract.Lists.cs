using System.Globalization;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

public abstract partial class ListStoreContract
{
    [Fact]
    public async Task A_new_store_is_empty()
    {
        Assert.Empty(await Store.ReadListsAsync(Cancellation));
        Assert.Null(await Store.ReadListAsync("a", Cancellation));
        Assert.Empty(await Store.ReadChangesAsync("a", 10, Cancellation));
        Assert.Empty(await Store.ReadBlobsAsync("a", Cancellation));
        Assert.Empty(await Store.ReadBlobOwnersAsync(Cancellation));
        Assert.Empty(await Store.ReadEventsAsync(null, 10, Cancellation));
    }

    [Fact]
    public async Task A_list_is_created_once()
    {
        Assert.True(await WriteAsync(Store, "a", 0, "first"));
        Assert.False(await WriteAsync(Store, "a", 0, "second"));
        StoredList? list = await Store.ReadListAsync("a", Cancellation);
        Assert.Equal("first", Text(list));
        Assert.Equal("a", list!.Name);
        Assert.Equal(1, list.Revision);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_write_that_expects_another_revision_changes_nothing(long expected)
    {
        Assert.True(await WriteAsync(Store, "a", 0, "first"));
        Assert.True(await WriteAsync(Store, "a", 1, "second"));
        Assert.False(await WriteAsync(Store, "a", expected, "third"));
        Assert.Equal("second", Text(await Store.ReadListAsync("a", Cancellation)));
        Assert.Equal(2, (await Store.ReadChangesAsync("a", 10, Cancellation)).Count);
    }

    [Fact]
    public async Task A_write_that_expects_a_list_that_is_not_there_creates_none()
    {
        Assert.False(await WriteAsync(Store, "a", 1));
        Assert.Null(await Store.ReadListAsync("a", Cancellation));
        Assert.Empty(await Store.ReadListsAsync(Cancellation));
        Assert.Empty(await Store.ReadChangesAsync("a", 10, Cancellation));
    }

    [Fact]
    public async Task A_revision_must_rise() => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
        () => Store.TryWriteListAsync(List("a", 2), 2, Change("a", 2), Cancellation));

    [Fact]
    public async Task Lists_are_read_by_name()
    {
        foreach (string name in (string[])["b", "a.2", "a-1", "a", "z_9", "0"])
            Assert.True(await WriteAsync(Store, name, 0, "document of " + name));
        IReadOnlyList<StoredList> lists = await Store.ReadListsAsync(Cancellation);
        Assert.Equal(["0", "a", "a-1", "a.2", "b", "z_9"], lists.Select(list => list.Name));
        Assert.All(lists, list => Assert.Equal("document of " + list.Name, Text(list)));
    }

    [Fact]
    public async Task Names_and_documents_keep_every_script()
    {
        foreach (string text in Zoo)
        {
            Assert.True(await WriteAsync(Store, text, 0, text));
            Assert.Equal(text, Text(await Store.ReadListAsync(text, Cancellation)));
            await Store.WriteBlobAsync(text, NewId(), new byte[1], Cancellation);
            Assert.Equal(text, Assert.Single(await Store.ReadChangesAsync(text, 9, Cancellation)).List);
        }
        string[] sorted = [.. Zoo.Order(StringComparer.Ordinal)];
        Assert.Equal(sorted, (await Store.ReadListsAsync(Cancellation)).Select(list => list.Name));
        Assert.Equal(sorted, await Store.ReadBlobOwnersAsync(Cancellation));
    }

    [Fact]
    public async Task A_document_may_be_any_bytes_and_a_megabyte_long()
    {
        byte[] document = new byte[1024 * 1024];
        new Random(1).NextBytes(document);
        Assert.True(await Store.TryWriteListAsync(
            new StoredList("a", 1, document), 0, Change("a", 1), Cancellation));
        Assert.Equal(document, (await Store.ReadListAsync("a", Cancellation))!.Document.ToArray());
    }

    [Fact]
    public async Task Of_twenty_writers_at_one_revision_one_wins()
    {
        IListStore other = await OpenAnotherAsync();
        Assert.True(await WriteAsync(Store, "a", 0));
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            i => WriteAsync(i % 2 == 0 ? Store : other, "a", 1, i.ToString(CultureInfo.InvariantCulture))));
        int winner = Array.IndexOf(won, true);
        Assert.Single(won, true);
        Assert.Equal(
            winner.ToString(CultureInfo.InvariantCulture), Text(await Store.ReadListAsync("a", Cancellation)));
        Assert.Equal([2L, 1L], (await Store.ReadChangesAsync("a", 99, Cancellation)).Select(line => line.Revision));
    }

    [Fact]
    public async Task Twenty_writers_who_try_again_form_one_chain()
    {
        IListStore other = await OpenAnotherAsync();
        Assert.True(await WriteAsync(Store, "a", 0, ""));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AppendAsync(i % 2 == 0 ? Store : other, i)));
        StoredList? list = await Store.ReadListAsync("a", Cancellation);
        Assert.Equal(21, list!.Revision);
        Assert.Equal(
            Enumerable.Range(0, 20),
            Text(list).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order());
        Assert.Equal(
            Enumerable.Range(1, 21).Reverse().Select(revision => (long)revision),
            (await Store.ReadChangesAsync("a", 99, Cancellation)).Select(line => line.Revision));

        static async Task AppendAsync(IListStore store, int number)
        {
            StoredList? list;
            do
            {
                list = await store.ReadListAsync("a", Cancellation);
            }
            while (!await WriteAsync(store, "a", list!.Revision, $"{Text(list)} {number}"));
        }
    }

    [Fact]
    public async Task Changes_are_read_newest_first_and_whole()
    {
        ListChange created = new("a", 1, "created", new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero));
        ListChange activated = new("a", 2, "rolled-back", created.At.AddTicks(1));
        Assert.True(await Store.TryWriteListAsync(List("a", 1), 0, created, Cancellation));
        Assert.True(await Store.TryWriteListAsync(List("a", 2), 1, activated, Cancellation));
        Assert.True(await WriteAsync(Store, "b", 0));
        Assert.Equal([activated, created], await Store.ReadChangesAsync("a", 10, Cancellation));
        Assert.Equal([activated], await Store.ReadChangesAsync("a", 1, Cancellation));
        Assert.Empty(await Store.ReadChangesAsync("a", 0, Cancellation));
    }

    [Fact]
    public async Task The_change_log_keeps_the_last_thousand_lines()
    {
        const int Writes = 1200;
        for (int i = 0; i < Writes; i++)
            Assert.True(await WriteAsync(Store, "a", i));
        IReadOnlyList<ListChange> changes = await Store.ReadChangesAsync("a", Writes, Cancellation);
        Assert.InRange(changes.Count, 1000, 1150);
        Assert.Equal(
            Enumerable.Range(0, changes.Count).Select(i => (long)(Writes - i)),
            changes.Select(line => line.Revision));
    }

    [Fact]
    public async Task A_list_is_deleted_at_the_revision_that_is_expected()
    {
        Assert.True(await WriteAsync(Store, "a", 0, "old"));
        Assert.True(await WriteAsync(Store, "b", 0));
        Assert.False(await Store.TryDeleteListAsync("a", 0, Change("a", 2, "deleted"), Cancellation));
        Assert.False(await Store.TryDeleteListAsync("a", 2, Change("a", 2, "deleted"), Cancellation));
        Assert.False(await Store.TryDeleteListAsync("c", 1, Change("c", 2, "deleted"), Cancellation));
        Assert.NotNull(await Store.ReadListAsync("a", Cancellation));
        Assert.True(await Store.TryDeleteListAsync("a", 1, Change("a", 2, "deleted"), Cancellation));
        Assert.False(await Store.TryDeleteListAsync("a", 1, Change("a", 2, "deleted"), Cancellation));
        Assert.Null(await Store.ReadListAsync("a", Cancellation));
        Assert.Equal("b", Assert.Single(await Store.ReadListsAsync(Cancellation)).Name);
        Assert.Equal("deleted", (await Store.ReadChangesAsync("a", 10, Cancellation))[0].What);
    }

    [Fact]
    public async Task A_deleted_list_can_be_created_anew()
    {
        Assert.True(await WriteAsync(Store, "a", 0, "old"));
        Assert.True(await Store.TryDeleteListAsync("a", 1, Change("a", 2, "deleted"), Cancellation));
        Assert.False(await WriteAsync(Store, "a", 1, "late"));
        Assert.True(await WriteAsync(Store, "a", 0, "new"));
        Assert.Equal("new", Text(Assert.Single(await Store.ReadListsAsync(Cancellation))));
    }

    [Fact]
    public async Task What_was_written_is_there_after_closing_and_opening_again()
    {
        string id = NewId();
        Assert.True(await WriteAsync(Store, "a", 0, "kept"));
        await Store.WriteBlobAsync("a", id, "blob"u8.ToArray(), Cancellation);
        await Store.AppendEventsAsync([new byte[] { 1, 2 }], Cancellation);
        await Store.DisposeAsync();
        IListStore again = await OpenAnotherAsync();
        Assert.Equal("kept", Text(await again.ReadListAsync("a", Cancellation)));
        Assert.Equal("blob"u8.ToArray(), await again.ReadBlobAsync("a", id, Cancellation));
        Assert.Single(await again.ReadChangesAsync("a", 10, Cancellation));
        Assert.Single(await again.ReadEventsAsync(null, 10, Cancellation));
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadListsAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.WriteBlobAsync("a", NewId(), new byte[9], cancelled));
    }

    private static readonly string[] Zoo =
    [
        "straße", "déjà-vu", "żółć", "ελληνικά", "кириллица", "עברית", "العربية", "हिन्दी", "ไทย", "汉字", "かな",
        "한국어", "emoji-🦉", "brace{}s}", "space and\ttab", "quote'\"\\", "~z\uFFFD", "İi",
    ];
}
