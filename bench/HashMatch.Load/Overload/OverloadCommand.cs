using System.Diagnostics;
using System.Globalization;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Overload;

/// <summary>What a server does under more load than it can take.</summary>
internal static class OverloadCommand
{
    /// <summary>Callers of the closed loop: enough for the decode never to wait for the next upload.</summary>
    private const int Callers = 3;

    private const int ServerProcessor = 0;

    /// <summary>0 when every goal was reached.</summary>
    public static async Task<int> RunAsync(OverloadOptions options, CancellationToken end)
    {
        if (!options.IsShared)
        {
            await KeepOffAsync(ServerProcessor, end);
        }

        var order = new ServerOrder
        {
            Settings = options.Settings,
            Processor = options.IsShared ? null : ServerProcessor,
        };
        await using StartedServer server = await StartedServer.StartAsync(order, end);
        byte[] picture = options.Picture is { } file
            ? await File.ReadAllBytesAsync(file, end)
            : LoadPicture.Draw(options.Size.Width, options.Size.Height);
        using var caller = new RawCaller(server.Address, options.Connections);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"one upload is {picture.Length / 1024.0:0} KiB; load average {Load()} at the start"));
        return await MeasureAsync(options, caller, picture, server.Process, end) ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(
        OverloadOptions options, RawCaller caller, byte[] picture, Process server, CancellationToken cancellation)
    {
        var upload = PreparedCall.Match(picture, isListed: false);
        Func<Task<CallResult>> call = () => caller.CallAsync(upload, cancellation);
        double cold = (await Loops.ClosedAsync(call, Callers, options.WarmUp / 2, cancellation)).PerSecond;
        // What refuses is compiled too.
        await Loops.OpenAsync(call, cold * 2, options.WarmUp / 2, 0, cancellation);
        var phases = new Phases(server, call, cancellation);
        double first = await phases.ClosedAsync("capacity", Callers, options.Seconds / 2);
        PhaseRecord half = await phases.OpenAsync("0.5x", first * 0.5, options.Seconds);
        PhaseRecord twice = await phases.OpenAsync("2x", first * 2, options.Seconds);
        double goodput = twice.Answered / options.Seconds.TotalSeconds;
        double second = await phases.ClosedAsync("capacity", Callers, options.Seconds / 2);
        PhaseRecord ten = await phases.OpenAsync("10x", second * 10, options.Long);
        long peak = phases.PeakBytes;
        PhaseRecord after = await phases.OpenAsync("0.5x", second * 0.5, options.Seconds);
        if (caller.Problem is { } problem)
        {
            Console.WriteLine($"the first call that failed: {problem}");
        }

        double capacity = (first + second) / 2;
        TimeSpan normal = half.AnsweredAt(99) * 2;
        // The first second, of those from the end of the load on, that is normal again.
        TimeSpan[] seconds = after.BySecond(99);
        int back = Array.FindIndex(seconds, second => second <= normal);
        return new Goals()
            .Add("goodput at 2x", goodput / capacity, 0.95, isLeast: true)
            .Add("p99 at 2x to 0.5x", twice.AnsweredAt(99) / half.AnsweredAt(99), 2, isLeast: false)
            .Add("shed p99 at 2x, ms", twice.ShedAt(99).TotalMilliseconds, 10, isLeast: false)
            .Add("shed p99 at 10x, ms", ten.ShedAt(99).TotalMilliseconds, 10, isLeast: false)
            .Add("peak memory, MiB", peak / 1048576.0, options.MemoryCapMib, isLeast: false)
            .Add("seconds until p99 is back", back < 0 ? double.PositiveInfinity : back, 2, isLeast: false)
            .Add("wrong or failed", half.Wrong + half.Failed + twice.Wrong + twice.Failed + ten.Wrong + ten.Failed
                + after.Wrong + after.Failed, 0, isLeast: false)
            .Write();
    }

    // This process leaves a processor to the server.
    private static async Task KeepOffAsync(int processor, CancellationToken cancellation)
    {
        string others = string.Join(
            ',', Enumerable.Range(0, Environment.ProcessorCount).Where(other => other != processor));
        using Process taskset = Process.Start(
            new ProcessStartInfo("taskset", ["-a", "-c", "-p", others, $"{Environment.ProcessId}"])
            {
                RedirectStandardOutput = true,
            }) ?? throw new InvalidOperationException("taskset did not start.");
        await taskset.WaitForExitAsync(cancellation);
    }

    private static string Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";

    /// <summary>Runs phases and shows each in a line.</summary>
    private sealed class Phases(Process server, Func<Task<CallResult>> call, CancellationToken cancellation)
    {
        private readonly Process _itself = Process.GetCurrentProcess();
        private int _seed = 1;

        public long PeakBytes { get; private set; }

        public async Task<double> ClosedAsync(string name, int callers, TimeSpan time)
        {
            (ProcessTime of, ProcessTime own) = (ProcessTime.Of(server), ProcessTime.Of(_itself));
            double rate = (await Loops.ClosedAsync(call, callers, time, cancellation)).PerSecond;
            Write(name, $"{rate:0.0} answered/s by {callers} callers", of, own, time);
            return rate;
        }

        public async Task<PhaseRecord> OpenAsync(string name, double rate, TimeSpan time)
        {
            (ProcessTime of, ProcessTime own) = (ProcessTime.Of(server), ProcessTime.Of(_itself));
            PhaseRecord record = await Loops.OpenAsync(call, rate, time, _seed++, cancellation);
            Write(
                name,
                string.Create(CultureInfo.InvariantCulture, $"{rate:0} offered/s, ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"{record.Answered / time.TotalSeconds:0.0} answered/s (p50 {Ms(record.AnsweredAt(50))}, ")
                + $"p99 {Ms(record.AnsweredAt(99))}, most {Ms(record.AnsweredAt(100))}), "
                + string.Create(CultureInfo.InvariantCulture, $"{record.Shed / time.TotalSeconds:0.0} shed/s ")
                + $"(p50 {Ms(record.ShedAt(50))}, p99 {Ms(record.ShedAt(99))}, most {Ms(record.ShedAt(100))}), "
                + $"{record.Calmed} calmed, "
                + $"{record.Failed} failed, {record.Wrong} wrong, made late by {Ms(record.LagAt(99))} (p99)",
                of,
                own,
                time);
            return record;
        }

        private static string Ms(TimeSpan time) =>
            string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

        private void Write(string name, string text, ProcessTime server0, ProcessTime own0, TimeSpan time)
        {
            ProcessTime used = ProcessTime.Of(server);
            PeakBytes = used.PeakBytes;
            double share = (used - server0).Total / time;
            double own = (ProcessTime.Of(_itself) - own0).Total / time;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-10}{text}; server {share:0.00} processors, caller {own:0.00}; peak {PeakBytes >> 20} MiB; "
                + $"load {Load()}"));
        }
    }
}
