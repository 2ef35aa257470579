namespace HashMatch.Load.Scale;

/// <summary>What may wait at a replica; the defaults are the server's.</summary>
internal sealed record LineLimits
{
    /// <summary>`MaxQueueDelay`.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>`MaxQueuedUploads`; 0 or more.</summary>
    public int MaxWaiting { get; init; } = 256;
}
