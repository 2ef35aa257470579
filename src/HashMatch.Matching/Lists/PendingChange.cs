using System.Text.Json.Serialization;

namespace HashMatch.Matching.Lists;

/// <summary>A change of a list that waits for somebody else's approval.</summary>
public sealed record PendingChange
{
    /// <summary>The list's revision that proposed it; tells it from any other.</summary>
    public required long Revision { get; init; }

    /// <summary>What is to be changed; null: the list is to be deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ListUpdate? Update { get; init; }

    /// <summary>Who proposed it.</summary>
    public required string By { get; init; }

    public required DateTimeOffset At { get; init; }
}
