using System.Diagnostics.Metrics;
using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Recording;

/// <summary>What is measured of match events on their way into the store.</summary>
public sealed class EventMetrics
{
    private readonly Counter<long> _stored;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _notDurable;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _damages;
    private readonly Histogram<double> _syncs;
    private readonly Meter _meter;

    public EventMetrics(ServerMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _meter = metrics.Meter;
        _stored = _meter.CreateCounter<long>("hashmatch.events.stored", "{event}", "Events that the store has taken.");
        _dropped = _meter.CreateCounter<long>(
            "hashmatch.events.dropped", "{verdict}", "Verdicts whose events were lost.");
        _notDurable = _meter.CreateCounter<long>(
            "hashmatch.events.not_durable", "{verdict}",
            "Verdicts that were not given, since their events could not be put on disk.");
        _failures = _meter.CreateCounter<long>(
            "hashmatch.events.wal.failures", "{failure}",
            "Times that the write-ahead log took nothing: the disk failed or was full, or the log is over its bound.");
        _damages = _meter.CreateCounter<long>(
            "hashmatch.events.wal.damages", "{range}", "Ranges of bytes of the write-ahead log that were not whole.");
        _syncs = _meter.CreateHistogram<double>(
            "hashmatch.events.wal.sync.duration", "s", "How long the disk takes to make the log durable.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                    [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
            });
    }

    /// <summary>Says what waits, when asked.</summary>
    /// <param name="queued">Verdicts whose events wait in memory.</param>
    /// <param name="walBytes">Bytes of the write-ahead log on disk.</param>
    internal void Observe(Func<long> queued, Func<long> walBytes)
    {
        _meter.CreateObservableGauge(
            "hashmatch.events.queued", queued, "{verdict}", "Verdicts whose events wait in memory.");
        _meter.CreateObservableGauge(
            "hashmatch.events.wal.size", walBytes, "By", "Bytes of the write-ahead log on disk.");
    }

    internal void Stored(int events) => _stored.Add(events);

    internal void Dropped(int verdicts) => _dropped.Add(verdicts);

    internal void NotDurable(int verdicts) => _notDurable.Add(verdicts);

    internal void WalFailed() => _failures.Add(1);

    internal void WalDamaged() => _damages.Add(1);

    internal void Synced(TimeSpan took) => _syncs.Record(took.TotalSeconds);
}
