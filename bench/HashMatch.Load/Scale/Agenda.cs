namespace HashMatch.Load.Scale;

/// <summary>What happens when in a simulated time. Events of one moment happen in the order in which they were added.
/// </summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (double At, long Number)> _events = new();
    private long _added;

    /// <summary>Seconds since the start.</summary>
    public double Now { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <param name="seconds">Since the start; not before now.</param>
    /// <param name="happen">May add others.</param>
    public void At(double seconds, Action happen)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, Now);
        _events.Enqueue(happen, (seconds, _added++));
    }

    /// <summary>Adds an event.</summary>
    /// <param name="seconds">From now, 0 or more.</param>
    /// <param name="happen">May add others.</param>
    public void After(double seconds, Action happen) => At(Now + seconds, happen);

    /// <summary>Has everything happen, until nothing is left.</summary>
    public void Run()
    {
        while (_events.TryDequeue(out Action? happen, out (double At, long Number) when))
        {
            Now = when.At;
            happen();
        }
    }
}
