namespace HashMatch.Tests.Recording;

/// <summary>Time that passes when told to, timestamps included.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _ticks = TimeSpan.FromDays(1).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Advance(TimeSpan by) => _ticks += by.Ticks;
}
