using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Recovery;

/// <summary>The lists that a replica matched against, as it last saved them; their content is blobs beside them.
/// </summary>
public sealed record SavedLists
{
    /// <summary>What this build writes and reads.</summary>
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    /// <summary>When the store was last known to say the same.</summary>
    public required DateTimeOffset InStepAt { get; init; }

    /// <summary>Their documents.</summary>
    public required IReadOnlyList<StoredList> Lists { get; init; }
}
