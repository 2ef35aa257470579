using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

public abstract partial class ListStoreContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(2 * 1024 * 1024)]
    public async Task A_blob_is_read_as_it_was_written(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        string id = NewId();
        // A part of a larger array, as a pooled buffer is.
        byte[] rented = [7, .. data, 7];
        await Store.WriteBlobAsync("a", id, rented.AsMemory(1, length), Cancellation);
        IListStore other = await OpenAnotherAsync();
        Assert.Equal(data, await other.ReadBlobAsync("a", id, Cancellation));
    }

    [Fact]
    public async Task A_blob_keeps_every_byte_value()
    {
        byte[] data = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        string id = NewId();
        await Store.WriteBlobAsync("a", id, data, Cancellation);
        Assert.Equal(data, await Store.ReadBlobAsync("a", id, Cancellation));
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_null()
    {
        string id = NewId();
        await Store.WriteBlobAsync("a", id, new byte[3], Cancellation);
        Assert.Null(await Store.ReadBlobAsync("a", NewId(), Cancellation));
        Assert.Null(await Store.ReadBlobAsync("b", id, Cancellation));
    }

    [Fact]
    public async Task A_blob_may_be_written_twice_by_someone_who_saw_no_answer()
    {
        string id = NewId();
        await Store.WriteBlobAsync("a", id, new byte[] { 1 }, Cancellation);
        await Store.WriteBlobAsync("a", id, new byte[] { 1 }, Cancellation);
        Assert.Equal(id, Assert.Single(await Store.ReadBlobsAsync("a", Cancellation)).Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    public async Task A_blobs_id_is_checked(string id) => await Assert.ThrowsAsync<ArgumentException>(
        () => Store.WriteBlobAsync("a", id, new byte[1], Cancellation));

    [Fact]
    public async Task A_blob_over_the_limit_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        () => Store.WriteBlobAsync("a", NewId(), new byte[(2 * 1024 * 1024) + 1], Cancellation));

    [Fact]
    public async Task Blobs_are_listed_by_owner_with_the_stores_time()
    {
        string[] ids = [NewId(), NewId(), NewId()];
        DateTimeOffset before = DateTimeOffset.UtcNow.AddMinutes(-1);
        foreach (string id in ids[..2])
            await Store.WriteBlobAsync("a", id, new byte[3], Cancellation);
        await Store.WriteBlobAsync("b", ids[2], new byte[3], Cancellation);
        IReadOnlyList<StoredBlob> blobs = await Store.ReadBlobsAsync("a", Cancellation);
        Assert.Equal(ids[..2].Order(), blobs.Select(blob => blob.Id).Order());
        // The clock of a server need not be the test's.
        Assert.All(blobs, blob => Assert.InRange(blob.WrittenAt, before, DateTimeOffset.UtcNow.AddMinutes(1)));
        Assert.Equal(["a", "b"], await Store.ReadBlobOwnersAsync(Cancellation));
        Assert.Empty(await Store.ReadListsAsync(Cancellation));
    }

    [Fact]
    public async Task Deleted_blobs_are_gone_and_so_is_an_owner_without_any()
    {
        string[] ids = [NewId(), NewId(), NewId()];
        foreach (string id in ids)
            await Store.WriteBlobAsync("a", id, new byte[100_000], Cancellation);
        await Store.WriteBlobAsync("b", NewId(), new byte[3], Cancellation);
        await Store.DeleteBlobsAsync("a", [ids[0], NewId()], Cancellation);
        Assert.Null(await Store.ReadBlobAsync("a", ids[0], Cancellation));
        Assert.NotNull(await Store.ReadBlobAsync("a", ids[1], Cancellation));
        Assert.Equal(2, (await Store.ReadBlobsAsync("a", Cancellation)).Count);
        await Store.DeleteBlobsAsync("a", ids, Cancellation);
        await Store.DeleteBlobsAsync("a", [], Cancellation);
        Assert.Empty(await Store.ReadBlobsAsync("a", Cancellation));
        Assert.Equal(["b"], await Store.ReadBlobOwnersAsync(Cancellation));
    }

    [Fact]
    public async Task Deleting_another_lists_blob_does_nothing()
    {
        string id = NewId();
        await Store.WriteBlobAsync("a", id, new byte[3], Cancellation);
        await Store.DeleteBlobsAsync("b", [id], Cancellation);
        Assert.NotNull(await Store.ReadBlobAsync("a", id, Cancellation));
    }

    [Fact]
    public async Task A_deleted_list_leaves_its_blobs()
    {
        string id = NewId();
        Assert.True(await WriteAsync(Store, "a", 0));
        await Store.WriteBlobAsync("a", id, new byte[3], Cancellation);
        Assert.True(await Store.TryDeleteListAsync("a", 1, Change("a", 2, "deleted"), Cancellation));
        Assert.NotNull(await Store.ReadBlobAsync("a", id, Cancellation));
        Assert.Equal(["a"], await Store.ReadBlobOwnersAsync(Cancellation));
    }

    [Fact]
    public async Task Blobs_are_written_and_read_at_once_by_two_stores()
    {
        IListStore[] stores = [Store, await OpenAnotherAsync()];
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            byte[] data = new byte[500_000];
            new Random(i).NextBytes(data);
            string id = NewId();
            await stores[i % 2].WriteBlobAsync("a", id, data, Cancellation);
            Assert.Equal(data, await stores[(i + 1) % 2].ReadBlobAsync("a", id, Cancellation));
        }));
        Assert.Equal(16, (await Store.ReadBlobsAsync("a", Cancellation)).Count);
    }
}
