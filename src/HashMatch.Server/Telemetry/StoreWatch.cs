using System.Diagnostics;
using System.Diagnostics.Metrics;
using HashMatch.Matching.Stores;

namespace HashMatch.Server.Telemetry;

/// <summary>Asks the store every few seconds for next to nothing, so that its state is known while nobody curates.
/// </summary>
public sealed class StoreWatch : BackgroundService
{
    private const string Group = "telemetry";
    private const string Key = "probe";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly IListStore _store;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _faults;
    private readonly long _startedAt;
    private long _contactAt;
    private int _isUp;

    public StoreWatch(IListStore store, ServerMetrics metrics, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(time);
        _store = store;
        _time = time;
        _startedAt = time.GetTimestamp();
        _duration = metrics.Seconds("hashmatch.store.probe.duration", "The store's answers to a small read.");
        _faults = metrics.Meter.CreateCounter<long>(
            "hashmatch.store.faults", description: "Small reads that the store did not answer, or not soundly.");
        // There from the start, so that a first fault is an increase.
        _faults.Add(0, Reason("unavailable"));
        _faults.Add(0, Reason("corrupt"));
        _ = metrics.Meter.CreateObservableGauge(
            "hashmatch.store.up", () => Volatile.Read(ref _isUp), description: "1 when the store answered last.");
        _ = metrics.Meter.CreateObservableGauge(
            "hashmatch.store.contact.age",
            () => _time.GetElapsedTime(Interlocked.Read(ref _contactAt) is > 0 and var at ? at : _startedAt)
                .TotalSeconds,
            "s",
            "Since the store answered last, or since the start.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            do
            {
                await AskAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);

    private async Task AskAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            _ = await _store.ReadDocumentAsync(Group, Key, cancellation);
            _duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
            Interlocked.Exchange(ref _contactAt, _time.GetTimestamp());
            Volatile.Write(ref _isUp, 1);
        }
        catch (StoreUnavailableException)
        {
            _faults.Add(1, Reason("unavailable"));
            Volatile.Write(ref _isUp, 0);
        }
        catch (StoreCorruptException)
        {
            _faults.Add(1, Reason("corrupt"));
            Volatile.Write(ref _isUp, 0);
        }
    }
}
