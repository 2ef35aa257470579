namespace HashMatch.Tests.Matching;

/// <summary>A clock, of the day and of durations, that stands until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private TimeSpan _passed = TimeSpan.FromDays(3);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _passed.Ticks;

    public void Advance(TimeSpan by)
    {
        _now += by;
        _passed += by;
    }

    /// <summary>Sets the time of day; no time passes.</summary>
    public void Jump(TimeSpan by) => _now += by;
}
