using HashMatch.Imaging;
using HashMatch.Imaging.Drawn;

namespace HashMatch.Cli.Driving;

/// <summary>Measures what this machine holds, with a server of its own over a temporary store.</summary>
internal sealed class SizingRun
{
    private const long PoolBytes = 24 * 1024 * 1024;
    private const int MostPictures = 96;
    private const int FewestPictures = 6;

    // Shares of a kind's time. Most of the warming up is of all kinds together: the compiler is not done with one
    // sooner for being asked for nothing else.
    private const double WarmUpTogether = 0.3;
    private const double WarmUp = 0.1;
    private const double Closed = 0.3;
    private const double Open = 0.3;

    // A decode that other work holds up is a latency here, and no error.
    private const string Patience = "--HashMatch:Images:Timeout=00:01:00";

    private readonly SizingOptions _options;
    private readonly Func<Task, string, Func<long>, string, Task> _show;
    private readonly TimeSpan _each;
    private long _next;
    private long _bad;
    private uint _seed;

    /// <param name="options">How long, with how many entries.</param>
    /// <param name="show">Waits for work and shows it: what it is, how much is done, of what.</param>
    public SizingRun(SizingOptions options, Func<Task, string, Func<long>, string, Task> show)
    {
        _options = options;
        _show = show;
        _each = options.Measured / (SizingOptions.Sizes.Count + 1);
    }

    /// <summary>Draws, starts, measures.</summary>
    /// <exception cref="InvalidOperationException">The server did not become ready, or libvips is not there.
    /// </exception>
    public async Task<Sizing> RunAsync(CancellationToken cancellation)
    {
        double? load = Machine.Load();
        List<(string Name, double Kib, PreparedCall[] Calls)> pictures = [];
        foreach ((int width, int height) in SizingOptions.Sizes)
        {
            int drawn = 0;
            Task<(string, double, PreparedCall[])> drawing =
                Task.Run(() => Draw(width, height, () => drawn++, cancellation), cancellation);
            await _show(drawing, $"drawing {width}x{height}", () => Volatile.Read(ref drawn), "pictures");
            pictures.Add(await drawing);
        }

        Task<StartedServer> starting = StartedServer.StartAsync(
            new ServerOrder { Entries = _options.Entries, Settings = [Patience] }, cancellation);
        await _show(starting, $"starting a server with {_options.Entries:N0} entries", () => 0, "");
        await using StartedServer server = await starting;
        using var caller = new RawCaller(server.Address, connections: 1);
        PreparedCall[] batches = Batches();
        PreparedCall[][] kinds = [.. pictures.Select(picture => picture.Calls), batches];
        await PhaseAsync("warming up", record => Loops.ClosedAsync(
            () => CallAsync(caller, kinds, cancellation), SizingOptions.InFlight,
            _each * kinds.Length * WarmUpTogether, cancellation, record), cancellation);
        List<SizedLoad> uploads = [];
        foreach ((string name, double kib, PreparedCall[] calls) in pictures)
        {
            uploads.Add(await MeasureAsync(server, caller, name, kib, calls, 1, cancellation));
        }

        SizedLoad hashes = await MeasureAsync(
            server, caller, $"hashes, {SizingOptions.Batch:N0} a call", null, batches, SizingOptions.Batch,
            cancellation);
        return new Sizing(
            Machine.Here(), load, _options.Entries, uploads, hashes, ProcessTime.Of(server.Process).PeakBytes,
            _bad, caller.Problem);
    }

    // One after the other, so that it can be ended, and so that the memory of one picture is enough.
    private (string Name, double Kib, PreparedCall[] Calls) Draw(
        int width, int height, Action drawn, CancellationToken cancellation)
    {
        List<byte[]> files = [];
        do
        {
            cancellation.ThrowIfCancellationRequested();
            files.Add(NoisePictures.Draw(ImageFormat.Jpeg, width, height, _seed++).File);
            drawn();
        }
        while (files.Count < FewestPictures
            || (files.Count < MostPictures && files.Sum(file => (long)file.Length) < PoolBytes));
        return (
            $"{width}x{height} JPEG",
            files.Average(file => file.Length) / 1024,
            [.. files.Select(file => PreparedCall.Match(file, isListed: false))]);
    }

    private PreparedCall[] Batches()
    {
        var pool = new QueryPool(_options.Entries, near: 0.0001, seed: 1);
        return [.. Enumerable.Range(0, QueryPool.Size / SizingOptions.Batch).Select(
            batch => PreparedCall.MatchHashes(pool, batch * SizingOptions.Batch, SizingOptions.Batch))];
    }

    private async Task<SizedLoad> MeasureAsync(
        StartedServer server, RawCaller caller, string name, double? kib, PreparedCall[] calls, int items,
        CancellationToken cancellation)
    {
        await PhaseAsync($"{name}, warming up", record =>
            Loops.ClosedAsync(Call, SizingOptions.InFlight, _each * WarmUp, cancellation, record), cancellation);
        var before = ProcessTime.Of(server.Process);
        PhaseRecord closed = await PhaseAsync($"{name}, as many as are answered", record =>
            Loops.ClosedAsync(Call, SizingOptions.InFlight, _each * Closed, cancellation, record), cancellation);
        TimeSpan used = (ProcessTime.Of(server.Process) - before).Total;
        double rate = Math.Max(closed.PerSecond / 2, 1);
        PhaseRecord half = await PhaseAsync($"{name}, at half of that", record =>
            Loops.OpenAsync(Call, rate, _each * Open, 1, cancellation, record), cancellation);
        double alone = used > TimeSpan.Zero
            ? closed.Answered * items / used.TotalSeconds * Environment.ProcessorCount
            : 0;
        return new SizedLoad(
            name, kib, closed.PerSecond * items, alone, rate * items, half.AnsweredAt(50), half.AnsweredAt(99));

        Task<CallResult> Call() => CallAsync(caller, [calls], cancellation);
    }

    // Each kind in its turn, and of each the next call.
    private Task<CallResult> CallAsync(RawCaller caller, PreparedCall[][] kinds, CancellationToken cancellation)
    {
        ulong number = (ulong)Interlocked.Increment(ref _next);
        PreparedCall[] calls = kinds[number % (ulong)kinds.Length];
        return caller.CallAsync(calls[number / (ulong)kinds.Length % (ulong)calls.Length], cancellation);
    }

    private async Task<PhaseRecord> PhaseAsync(
        string what, Func<PhaseRecord, Task> loop, CancellationToken cancellation)
    {
        var record = new PhaseRecord();
        await _show(loop(record), what, () => record.Answered, "calls");
        cancellation.ThrowIfCancellationRequested();
        _bad += record.Failed + record.Wrong;
        return record;
    }
}
