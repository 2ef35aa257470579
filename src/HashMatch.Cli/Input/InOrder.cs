using System.Runtime.CompilerServices;

namespace HashMatch.Cli.Input;

/// <summary>Works on several items at once and gives the results in the order of the items.</summary>
internal static class InOrder
{
    /// <param name="items">What to work on.</param>
    /// <param name="work">Runs on the thread pool.</param>
    /// <param name="degree">Items in work at once, 1 or more.</param>
    /// <param name="cancellation">Starts nothing more.</param>
    public static async IAsyncEnumerable<(TItem Item, TResult Result)> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items,
        Func<TItem, CancellationToken, Task<TResult>> work,
        int degree,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Queue<(TItem Item, Task<TResult> Task)> running = new();
        try
        {
            foreach (TItem item in items)
            {
                stop.Token.ThrowIfCancellationRequested();
                running.Enqueue((item, Task.Run(() => work(item, stop.Token), stop.Token)));
                if (running.Count >= degree)
                {
                    (TItem first, Task<TResult> task) = running.Dequeue();
                    yield return (first, await task);
                }
            }

            while (running.TryDequeue(out (TItem Item, Task<TResult> Task) next))
            {
                yield return (next.Item, await next.Task);
            }
        }
        finally
        {
            // What still runs reads files and calls that the caller is about to close.
            await stop.CancelAsync();
            await Task.WhenAll(running.Select(each => (Task)each.Task))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
