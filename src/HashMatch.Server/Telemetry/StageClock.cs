using System.Diagnostics;

namespace HashMatch.Server.Telemetry;

/// <summary>Times the stages of one upload: each begins where the one before it ended.</summary>
public struct StageClock
{
    private readonly UploadTelemetry _telemetry;
    private readonly Activity? _call;
    private long _last;

    internal StageClock(UploadTelemetry telemetry, Activity? call, long start)
    {
        _telemetry = telemetry;
        _call = call;
        _last = start;
    }

    /// <summary>The next stage begins now.</summary>
    public void Restart() => _last = Stopwatch.GetTimestamp();

    /// <summary>A stage ends now.</summary>
    public void End(Stage stage) => EndAt(stage, Stopwatch.GetTimestamp());

    /// <summary>A stage ended then.</summary>
    /// <param name="stage">Which.</param>
    /// <param name="timestamp">As <see cref="Stopwatch"/> counts; not before the stage began.</param>
    public void EndAt(Stage stage, long timestamp)
    {
        _telemetry.Record(stage, _last, timestamp, _call);
        _last = timestamp;
    }
}
