using System.Diagnostics.Metrics;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Server.Replica;

namespace HashMatch.Server.Telemetry;

/// <summary>What is looked up in: the index as a whole, and each list of it.</summary>
public sealed class IndexMetrics
{
    private readonly CurrentIndex _current;
    private readonly TimeProvider _time;

    public IndexMetrics(
        ServerMetrics metrics, CurrentIndex current, ListReplica replica, IndexReadiness readiness, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(replica);
        ArgumentNullException.ThrowIfNull(readiness);
        _current = current;
        _time = time;
        Meter meter = metrics.Meter;
        _ = meter.CreateObservableGauge(
            "hashmatch.index.entries",
            () => Of(index => index.Lists.Sum(list => list.Content.Counts.Total)),
            description: "Entries of all lists of the index.");
        _ = meter.CreateObservableGauge(
            "hashmatch.index.size", () => Of(index => index.NativeBytes), "By", "Memory of the index's tables.");
        _ = meter.CreateObservableGauge(
            "hashmatch.index.generation",
            () => Of(index => index.Generation),
            description: "Rises with every change of what is looked up.");
        _ = meter.CreateObservableGauge(
            "hashmatch.index.age",
            () => replica.Age?.TotalSeconds ?? double.NaN,
            "s",
            "Since the index was last known to be what the store says.");
        _ = meter.CreateObservableGauge(
            "hashmatch.index.in_step",
            () => replica is { InStepAt: not null, Fault: null } ? 1 : 0,
            description: "1 when the last look at the store went well.");
        _ = meter.CreateObservableGauge(
            "hashmatch.index.merge_fault",
            () => replica.MergeFault is null ? 0 : 1,
            description: "1 when the index's parts could not be merged.");
        _ = meter.CreateObservableGauge(
            "hashmatch.index.answers",
            () => readiness.IsMatching ? 1 : 0,
            description: "1 when uploads get verdicts.");
        AddLists(meter);
    }

    private void AddLists(Meter meter)
    {
        _ = meter.CreateObservableGauge(
            "hashmatch.list.entries",
            () => Each(list => list.Content.Counts.Total),
            description: "Entries of a list's active version.");
        _ = meter.CreateObservableGauge(
            "hashmatch.list.version", () => Each(list => list.Version), description: "A list's active version.");
        _ = meter.CreateObservableGauge(
            "hashmatch.list.age",
            () => Each(list => list.ActivatedAt is { } at ? (_time.GetUtcNow() - at).TotalSeconds : double.NaN),
            "s",
            "Since a list's active version was activated.");
        _ = meter.CreateObservableGauge(
            "hashmatch.list.quarantined",
            () => Each(list => list.Quarantined.Count),
            description: "Entries of a list that ask for REVIEW at most, since they flooded.");
    }

    private long Of(Func<HashIndex, long> read)
    {
        using IndexLease? lease = _current.Acquire();
        return lease is null ? 0 : read(lease.Index);
    }

    private IEnumerable<Measurement<T>> Each<T>(Func<IndexedList, T> read)
        where T : struct =>
        (_current.Value?.Lists ?? []).Select(
            list => new Measurement<T>(read(list), new KeyValuePair<string, object?>("list", list.Name)));
}
