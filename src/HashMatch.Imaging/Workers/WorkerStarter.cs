using System.Collections.Concurrent;
using System.Diagnostics;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// Starts worker processes on one thread, which lasts as long as this process. A worker asks the kernel to be killed
/// with its parent, and to the kernel the parent is the thread that forked: one of the pool's would take its workers
/// with it.
/// </summary>
internal static class WorkerStarter
{
    private static readonly BlockingCollection<Action> Orders = Begin();

    /// <summary>Starts a process, and waits until it has begun.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static Process? Start(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Orders.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> Begin()
    {
        var orders = new BlockingCollection<Action>();
        new Thread(() =>
        {
            while (true)
            {
                orders.Take()();
            }
        })
        {
            IsBackground = true,
            Name = "HashMatch worker starter",
        }.Start();
        return orders;
    }
}
