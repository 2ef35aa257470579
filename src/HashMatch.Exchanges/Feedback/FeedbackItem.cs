using HashMatch.Matching;

namespace HashMatch.Exchanges.Feedback;

/// <summary>Something that an exchange is to be told; deleted when it has accepted it.</summary>
public sealed record FeedbackItem
{
    /// <summary>Made of what is said and of what: saying it twice is saying it once.</summary>
    public required string Id { get; init; }

    public required string Exchange { get; init; }

    public required FeedbackOpinion Opinion { get; init; }

    public required string ExternalId { get; init; }

    public required HashType Type { get; init; }

    /// <summary>The list entry's own value, in hex.</summary>
    public required string Value { get; init; }

    /// <summary>NCMEC: the id of a reason.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Whether it is given up, until somebody says it again.</summary>
    public bool IsParked { get; init; }

    public string? LastError { get; init; }
}
