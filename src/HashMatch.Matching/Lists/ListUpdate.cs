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

    public ListNames? Suppresses { get; init; }

    public int? SamplePercent { get; init; }

    public int? MaxChangePercent { get; init; }

    public bool? DurableEvents { get; init; }

    /// <summary>The unix epoch takes an expiry away.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null: whatever revision the list has.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>All that a list says of itself.</summary>
    public static ListUpdate Of(HashList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return new ListUpdate
        {
            Description = list.Description,
            Enabled = list.Policy.Enabled,
            Shadow = list.Policy.Shadow,
            MaxDistance = list.Policy.MaxDistance,
            MinQuality = list.Policy.MinQuality,
            Trim = list.Policy.Trim,
            Action = list.Policy.Action,
            Kind = list.Policy.Kind,
            Suppresses = list.Policy.Suppresses,
            SamplePercent = list.Policy.SamplePercent,
            MaxChangePercent = list.Policy.MaxChangePercent,
            DurableEvents = list.Policy.DurableEvents,
            ExpiresAt = list.Policy.ExpiresAt ?? DateTimeOffset.UnixEpoch,
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
            Suppresses = Suppresses ?? policy.Suppresses,
            SamplePercent = SamplePercent ?? policy.SamplePercent,
            MaxChangePercent = MaxChangePercent ?? policy.MaxChangePercent,
            DurableEvents = DurableEvents ?? policy.DurableEvents,
            ExpiresAt = ExpiresAt == DateTimeOffset.UnixEpoch ? null : ExpiresAt ?? policy.ExpiresAt,
        };
    }
}
