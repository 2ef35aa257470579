using System.Diagnostics.Metrics;
using HashMatch.Exchanges;
using HashMatch.Imaging.Workers;
using HashMatch.Server.Exchanging;
using HashMatch.Server.Health;

namespace HashMatch.Server.Telemetry;

/// <summary>What the server's parts say of themselves when they are asked; no call pays for it.</summary>
public sealed class StateMetrics
{
    private static readonly (WorkerEnd End, string Name)[] Ends =
    [
        (WorkerEnd.Crashed, "crashed"), (WorkerEnd.Deadline, "timeout"), (WorkerEnd.Memory, "memory"),
        (WorkerEnd.Nonsense, "nonsense"), (WorkerEnd.Retired, "recycled"),
    ];

    public StateMetrics(
        ServerMetrics metrics,
        DecodeWorkers workers,
        ExchangeSchedule exchanges,
        Drain drain,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Meter meter = metrics.Meter;
        Add(meter, workers);
        Add(meter, exchanges, time);
        _ = meter.CreateObservableGauge(
            "hashmatch.draining", () => drain.IsDraining ? 1 : 0, description: "1 while the server stops.");
        _ = meter.CreateObservableGauge(
            "hashmatch.process.handles", Handles, description: "File descriptors that the process has open.");
        _ = meter.CreateObservableGauge(
            "hashmatch.process.threads", Threads, description: "Threads of the process.");
    }

    private static void Add(Meter meter, DecodeWorkers workers)
    {
        _ = meter.CreateObservableGauge(
            "hashmatch.workers.alive", () => workers.Alive, description: "Decode workers that live.");
        _ = meter.CreateObservableGauge(
            "hashmatch.workers.busy", () => workers.Busy, description: "Decode workers that decode.");
        _ = meter.CreateObservableCounter(
            "hashmatch.workers.ended",
            () => Ends.Select(each => new Measurement<long>(workers.Ended(each.End), Tag("reason", each.Name))),
            description: "Decode workers that ended; those that were needed were started anew.");
    }

    private static void Add(Meter meter, ExchangeSchedule exchanges, TimeProvider time)
    {
        _ = meter.CreateObservableGauge(
            "hashmatch.exchange.success.age",
            () => Each(state => (time.GetUtcNow() - (state.LastSuccessAt ?? DateTimeOffset.UnixEpoch)).TotalSeconds),
            "s",
            "Since an exchange was last fetched; since 1970 when it never was.");
        _ = meter.CreateObservableGauge(
            "hashmatch.exchange.overdue",
            () => Each(state => Math.Max(0, (time.GetUtcNow() - (state.NextRunAt ?? time.GetUtcNow())).TotalSeconds)),
            "s",
            "How long an exchange should have been fetched already.");
        _ = meter.CreateObservableGauge(
            "hashmatch.exchange.failing",
            () => Each(state => state.LastError is null ? 0 : 1),
            description: "1 when an exchange's last attempt failed.");

        IEnumerable<Measurement<T>> Each<T>(Func<ExchangeState, T> read)
            where T : struct =>
            exchanges.Latest.Where(each => each.State.Definition.Enabled)
                .Select(each => new Measurement<T>(read(each.State), Tag("exchange", each.Name)));
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    // Where there is no /proc, the runtime's own metrics are what there is.
    private static IEnumerable<Measurement<long>> Handles() => Count("/proc/self/fd");

    private static IEnumerable<Measurement<long>> Threads() => Count("/proc/self/task");

    private static IEnumerable<Measurement<long>> Count(string folder) =>
        Directory.Exists(folder)
            ? [new Measurement<long>(Directory.EnumerateFileSystemEntries(folder).LongCount())]
            : [];
}
