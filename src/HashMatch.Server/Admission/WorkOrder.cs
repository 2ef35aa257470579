namespace HashMatch.Server.Admission;

/// <summary>What the line knows of a piece of work.</summary>
/// <param name="Caller">Who asks for it.</param>
/// <param name="Estimate">How long it takes on a decode of its own.</param>
/// <param name="Deadline">Until when its caller waits, by <see cref="Clock"/>; null: for ever.</param>
public sealed record WorkOrder(string Caller, TimeSpan Estimate, TimeSpan? Deadline = null)
{
    /// <summary>Whether it is a turn of a batch or stream that waits for its turn, and is not refused for the length
    /// of the line.</summary>
    public bool Waits { get; init; }

    /// <summary>The room that was promised to it; null when none was.</summary>
    internal Promise? Promise { get; init; }

    /// <summary>Whether it is a slice of a batch, which ends early when an upload waits.</summary>
    public bool IsSlice { get; init; }

    /// <summary>The clock of deadlines: it never jumps, as the time of day may.</summary>
    public static TimeSpan Clock(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetElapsedTime(0);
    }
}
