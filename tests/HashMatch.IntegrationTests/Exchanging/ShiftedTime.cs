namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>The system's clock, some time ahead or behind; what waits for it waits no longer.</summary>
internal sealed class ShiftedTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
