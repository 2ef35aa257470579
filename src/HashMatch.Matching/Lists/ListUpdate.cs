namespace HashMatch.Matching.Lists;

/// <summary>A change of a list's description or policy; what is null stays.</summary>
public sealed record ListUpdate
{
    public string? Description { get; init; }

    public bool? Enabled { get; init; }

    public bool? Shadow { get; init; }

    public int? MaxDistance { get; init; }

    public int? MinQuality { get; init; }

    public bool? Trim { get; init; }

    public MatchAction? Action { get; init; }

    /// <summary>Null: whatever revision the list has.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>All of a policy.</summary>
    public static ListUpdate Of(MatchPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new ListUpdate
        {
            Enabled = policy.Enabled,
            Shadow = policy.Shadow,
            MaxDistance = policy.MaxDistance,
            MinQuality = policy.MinQuality,
            Trim = policy.Trim,
            Action = policy.Action,
        };
    }
}
