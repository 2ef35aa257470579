using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

public abstract partial class ListStoreContract
{
    [Fact]
    public async Task A_watch_yields_at_the_start_and_after_changes_of_any_store()
    {
        IListStore other = await OpenAnotherAsync();
        Assert.True(await WriteAsync(Store, "a", 0));
        await using IAsyncEnumerator<bool> watch = Store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await NextAsync(watch));
        foreach (IListStore writer in (IListStore[])[Store, other, Store])
        {
            ValueTask<bool> next = watch.MoveNextAsync();
            StoredList? list = await writer.ReadListAsync("a", Cancellation);
            Assert.True(await WriteAsync(writer, "a", list!.Revision));
            Assert.True(await next.AsTask().WaitAsync(Eventually.Deadline, Cancellation));
        }
    }

    [Fact]
    public async Task A_watch_yields_after_creations_and_deletions()
    {
        IListStore other = await OpenAnotherAsync();
        await using IAsyncEnumerator<bool> watch = Store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await NextAsync(watch));
        Assert.True(await WriteAsync(other, "a", 0));
        Assert.True(await NextAsync(watch));
        Assert.True(await other.TryDeleteListAsync("a", 1, Change("a", 2, "deleted"), Cancellation));
        Assert.True(await NextAsync(watch));
        // The same name at the same revision as before is a change too.
        Assert.True(await WriteAsync(other, "a", 0));
        Assert.True(await NextAsync(watch));
    }

    [Fact]
    public async Task Changes_while_nobody_waits_are_told_once()
    {
        IListStore other = await OpenAnotherAsync();
        await using IAsyncEnumerator<bool> watch = Store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await NextAsync(watch));
        for (int i = 0; i < 50; i++)
            Assert.True(await WriteAsync(other, "a", i));
        Assert.True(await NextAsync(watch));
        Task<bool> next = watch.MoveNextAsync().AsTask();
        // A call that came and went shows that the watch had its turn without anything to tell.
        await Store.ReadListsAsync(Cancellation);
        Assert.False(next.IsCompleted);
        Assert.True(await WriteAsync(other, "a", 50));
        Assert.True(await next.WaitAsync(Eventually.Deadline, Cancellation));
    }

    [Fact]
    public async Task Blobs_and_events_are_no_change_of_a_list()
    {
        await using IAsyncEnumerator<bool> watch = Store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await NextAsync(watch));
        Task<bool> next = watch.MoveNextAsync().AsTask();
        await Store.WriteBlobAsync("a", NewId(), new byte[9], Cancellation);
        await Store.AppendEventsAsync([new byte[9]], Cancellation);
        await Store.ReadListsAsync(Cancellation);
        Assert.False(next.IsCompleted);
        Assert.True(await WriteAsync(Store, "a", 0));
        Assert.True(await next.WaitAsync(Eventually.Deadline, Cancellation));
    }

    [Fact]
    public async Task Every_watcher_is_told()
    {
        IAsyncEnumerator<bool>[] watches =
            [.. Enumerable.Range(0, 5).Select(_ => Store.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation))];
        foreach (IAsyncEnumerator<bool> watch in watches)
            Assert.True(await NextAsync(watch));
        Assert.True(await WriteAsync(Store, "a", 0));
        foreach (IAsyncEnumerator<bool> watch in watches)
        {
            Assert.True(await NextAsync(watch));
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_watch_ends_when_cancelled()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using IAsyncEnumerator<bool> watch =
            Store.WatchAsync(cancelling.Token).GetAsyncEnumerator(Cancellation);
        Assert.True(await NextAsync(watch));
        Task<bool> next = watch.MoveNextAsync().AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => next.WaitAsync(Eventually.Deadline, Cancellation));
    }

    private static Task<bool> NextAsync(IAsyncEnumerator<bool> watch) =>
        watch.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline, Cancellation);
}
