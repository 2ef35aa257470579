namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>A clock whose timers never fire: what waits for them waits for something else or for ever.</summary>
public sealed class FrozenTime : TimeProvider
{
    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer();

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
