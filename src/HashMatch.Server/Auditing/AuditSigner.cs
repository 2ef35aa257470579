using System.Diagnostics.Metrics;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;
using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Auditing;

/// <summary>
/// Signs checkpoints of the audit log, where a key is configured: once enough is new, or is new for long enough.
/// Replicas that share a key take turns, since each looks for the last checkpoint. What it signs it has verified from
/// its last checkpoint on; a log that is not whole is not signed, and is an alarm.
/// </summary>
public sealed class AuditSigner : BackgroundService
{
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(5);

    private readonly AuditLog _log;
    private readonly IListStore _store;
    private readonly AuditKey _key;
    private readonly AuditOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditSigner> _logger;
    private readonly Counter<long> _signed;
    private string _said = "";
    private long _unsigned;
    private int _broken;

    public AuditSigner(
        AuditLog log,
        IListStore store,
        AuditKey key,
        ServerOptions options,
        ServerMetrics metrics,
        TimeProvider time,
        ILogger<AuditSigner> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        _log = log;
        _store = store;
        _key = key;
        _options = options.Audit;
        _time = time;
        _logger = logger;
        _signed = metrics.Meter.CreateCounter<long>(
            "hashmatch.audit.checkpoints", "{checkpoint}", "Checkpoints signed.");
        metrics.Meter.CreateObservableGauge(
            "hashmatch.audit.unsigned", () => Volatile.Read(ref _unsigned), "{record}",
            "Records behind the last checkpoint, where a key is configured.");
        metrics.Meter.CreateObservableGauge(
            "hashmatch.audit.broken", () => Volatile.Read(ref _broken), "{log}",
            "1 while the audit log is not what was written.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_key.Key is null)
        {
            return;
        }

        long since = _time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                since = await RunAsync(since, stoppingToken);
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
            {
                Warn(e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            TimeSpan poll = _options.CheckpointInterval / 4;
            try
            {
                await Task.Delay(poll < LongestPoll ? poll : LongestPoll, _time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<long> RunAsync(long since, CancellationToken cancellation)
    {
        AuditHead head = await _store.ReadAuditHeadAsync(cancellation);
        AuditCheckpoint? last = await _log.ReadCheckpointAsync(cancellation);
        long unsigned = head.Sequence - (last?.Sequence ?? 0);
        Volatile.Write(ref _unsigned, Math.Max(unsigned, 0));
        long now = _time.GetTimestamp();
        if (unsigned == 0)
        {
            return now;
        }

        if (unsigned > 0 && unsigned < _options.CheckpointRecords
            && _time.GetElapsedTime(since, now) < _options.CheckpointInterval)
        {
            return since;
        }

        AuditSigning signing = await _log.SignAsync(_key.Key!, cancellation);
        Volatile.Write(ref _broken, signing.Report.FaultCount > 0 ? 1 : 0);
        if (signing.Report.FaultCount > 0)
        {
            Warn($"it is not what was written: {signing.Report.Faults[0].What} `hashmatch audit verify` says more");
        }
        else
        {
            _said = "";
        }

        if (signing.Made is not null)
        {
            _signed.Add(1);
            Volatile.Write(ref _unsigned, 0);
        }

        return now;
    }

    // Once until it is another reason.
    private void Warn(string reason)
    {
        if (_said != reason)
        {
            _said = reason;
            _logger.LogError("The audit log was not signed: {Reason}", reason);
        }
    }
}
