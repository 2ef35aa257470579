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

    public ListKind? Kind { get; init; }

    public string? ListClass { get; init; }

    public ListNames? Suppresses { get; init; }

    public int? SamplePercent { get; init; }

    public int? MaxChangePercent { get; init; }

    public int? Approvals { get; init; }

    public bool? DurableEvents { get; init; }

    /// <summary>The unix epoch takes an expiry away.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null: whatever revision the list has.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>All that a list says of itself.</summary>
    public static ListUpdate Of(HashList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return Of(list.Policy) with { Description = list.Description };
    }

    /// <summary>All that a policy says.</summary>
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
            Kind = policy.Kind,
            ListClass = policy.ListClass,
            Suppresses = policy.Suppresses,
            SamplePercent = policy.SamplePercent,
            MaxChangePercent = policy.MaxChangePercent,
            Approvals = policy.Approvals,
            DurableEvents = policy.DurableEvents,
            ExpiresAt = policy.ExpiresAt ?? DateTimeOffset.UnixEpoch,
        };
    }

    /// <summary>The policy that a policy becomes.</summary>
    public MatchPolicy Apply(MatchPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy with
        {
            Enabled = Enabled ?? policy.Enabled,
            Shadow = Shadow ?? policy.Shadow,
            MaxDistance = MaxDistance ?? policy.MaxDistance,
            MinQuality = MinQuality ?? policy.MinQuality,
            Trim = Trim ?? policy.Trim,
            Action = Action ?? policy.Action,
            Kind = Kind ?? policy.Kind,
            ListClass = ListClass ?? policy.ListClass,
            Suppresses = Suppresses ?? policy.Suppresses,
            SamplePercent = SamplePercent ?? policy.SamplePercent,
            MaxChangePercent = MaxChangePercent ?? policy.MaxChangePercent,
            Approvals = Approvals ?? policy.Approvals,
            DurableEvents = DurableEvents ?? policy.DurableEvents,
            ExpiresAt = ExpiresAt == DateTimeOffset.UnixEpoch ? null : ExpiresAt ?? policy.ExpiresAt,
        };
    }
}
