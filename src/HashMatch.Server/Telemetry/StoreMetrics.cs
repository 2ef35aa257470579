using System.Diagnostics.Metrics;
using HashMatch.Matching.Stores;
using HashMatch.Server.Replica;

namespace HashMatch.Server.Telemetry;

/// <summary>How the store looks from here, how far behind it the index may be, and what is saved of it.</summary>
public sealed class StoreMetrics
{
    private readonly IListStore _store;
    private readonly SnapshotKeeper _saved;
    private readonly TimeProvider _time;

    public StoreMetrics(
        ServerMetrics metrics, IListStore store, IndexFreshness freshness, SnapshotKeeper saved, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _store = store;
        _saved = saved;
        _time = time;
        metrics.Meter.CreateObservableGauge(
            "hashmatch.store.state", ReadState, null, "1 for the state that the store is in, 0 for the others");
        metrics.Meter.CreateObservableGauge(
            "hashmatch.index.degraded_age",
            () => freshness.DegradedAge?.TotalSeconds ?? 0,
            "s",
            "Time since the index was in step with the store; 0 while verdicts are not degraded");
        metrics.Meter.CreateObservableGauge(
            "hashmatch.snapshot.age", ReadAge, "s", "Time since the store was known to say what is saved");
        metrics.Meter.CreateObservableGauge("hashmatch.snapshot.size", () => saved.Bytes, "By", "Bytes of saved lists");
        metrics.Meter.CreateObservableCounter(
            "hashmatch.snapshot.failures", () => saved.Failures, null, "Saves that the disk did not take");
    }

    private IEnumerable<Measurement<int>> ReadState()
    {
        // A file on this machine is away only where every call says so.
        StoreState now = _store is RedisListStore redis ? redis.State : StoreState.Answers;
        return Enum.GetValues<StoreState>().Select(state => new Measurement<int>(
            state == now ? 1 : 0, new KeyValuePair<string, object?>("state", Name(state))));
    }

    private IEnumerable<Measurement<double>> ReadAge() =>
        _saved.InStepAt is { } at ? [new Measurement<double>((_time.GetUtcNow() - at).TotalSeconds)] : [];

    private static string Name(StoreState state) => state switch
    {
        StoreState.Answers => "answers",
        StoreState.Refuses => "refuses",
        StoreState.Silent => "silent",
        _ => "away",
    };
}
