namespace HashMatch.Load.Hashes;

/// <summary>How long calls took, sorted.</summary>
/// <param name="Sorted">One a call that was answered in the measured time.</param>
internal sealed record Latencies(TimeSpan[] Sorted)
{
    /// <summary>Calls.</summary>
    public long Count => Sorted.Length;

    /// <summary>The time that this share of calls did not exceed.</summary>
    public TimeSpan Quantile(double share) => Sorted.Length == 0
        ? TimeSpan.Zero
        : Sorted[Math.Min(Sorted.Length - 1, (int)(Sorted.Length * share))];
}
