using System.Diagnostics;
using System.Globalization;
using HashMatch.Matching.Stores;

namespace HashMatch.Exchanges.Syncing;

/// <summary>
/// One process works on an exchange at a time. The lease is renewed while it is held; one whose process died on this
/// machine is taken over at once, others when they run out.
/// </summary>
internal sealed class ExchangeLease : IAsyncDisposable
{
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly IListStore _store;
    private readonly string _name;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _done = new();
    private Task _renewing = Task.CompletedTask;

    private ExchangeLease(IListStore store, string name, string holder)
    {
        _store = store;
        _name = name;
        Holder = holder;
    }

    /// <summary>Who holds it: unlike every other holder ever.</summary>
    public string Holder { get; }

    /// <summary>Cancelled when the lease was lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Takes a lease; null when another process has it for longer than the wait.</summary>
    public static async Task<ExchangeLease?> TakeAsync(
        IListStore store, string name, TimeSpan wait, CancellationToken cancellation)
    {
        ExchangeLease lease = new(store, name, $"{ThisProcess()}/{Guid.NewGuid():N}");
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string holder = await store.LeaseAsync(name, lease.Holder, Time, cancellation).ConfigureAwait(false);
            if (holder == lease.Holder)
            {
                lease._renewing = lease.RenewAsync();
                return lease;
            }

            if (IsDead(holder))
            {
                await store.ReleaseLeaseAsync(name, holder, cancellation).ConfigureAwait(false);
            }
            else if (Stopwatch.GetElapsedTime(start) >= wait)
            {
                return null;
            }
            else
            {
                await Task.Delay(LookEvery, cancellation).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _store.ReleaseLeaseAsync(_name, Holder, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // It runs out by itself.
        }

        _done.Dispose();
        _lost.Dispose();
    }

    // Real time whatever the clock of the schedule: other processes' leases run by it.
    private async Task RenewAsync()
    {
        long last = Stopwatch.GetTimestamp();
        while (!_done.IsCancellationRequested)
        {
            await Task.Delay(RenewEvery, _done.Token).ConfigureAwait(false);
            try
            {
                if (await _store.LeaseAsync(_name, Holder, Time, _done.Token).ConfigureAwait(false) != Holder)
                {
                    await _lost.CancelAsync().ConfigureAwait(false);
                    return;
                }

                last = Stopwatch.GetTimestamp();
            }
            catch (StoreUnavailableException) when (Stopwatch.GetElapsedTime(last) < Time)
            {
                // It may answer before the lease runs out.
            }
            catch (StoreUnavailableException)
            {
                await _lost.CancelAsync().ConfigureAwait(false);
                return;
            }
        }
    }

    // Boot, namespace of process numbers, process, its start: enough to tell from here whether it is alive.
    private static string ThisProcess() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Machine()}/{Environment.ProcessId}/{StartOf(Environment.ProcessId)}");

    private static bool IsDead(string holder)
    {
        string[] parts = holder.Split('/');
        return parts.Length == 5 && parts[0].Length > 0
            && $"{parts[0]}/{parts[1]}" == Machine()
            && int.TryParse(parts[2], CultureInfo.InvariantCulture, out int process)
            && StartOf(process) != parts[3];
    }

    private static string Machine()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() + "/"
                + (new FileInfo("/proc/self/ns/pid").LinkTarget ?? "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "/";
        }
    }

    // The 22nd field of stat (proc(5)); the second one may hold blanks, and ends in the last bracket. A zombie is dead.
    private static string StartOf(int process)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? "" : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
