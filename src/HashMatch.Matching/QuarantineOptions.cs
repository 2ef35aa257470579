using System.ComponentModel.DataAnnotations;

namespace HashMatch.Matching;

/// <summary>When an entry matches so far above its own rate that people look before anybody is blocked.</summary>
public sealed record QuarantineOptions
{
    /// <summary>The time that matches are counted over.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many times its own rate of the last day an entry must match; 100 unless said otherwise.</summary>
    [Range(2, 1_000_000)]
    public int Ratio { get; init; } = 100;

    /// <summary>Matches within the window below which no entry is quarantined, whatever its history.</summary>
    [Range(2, 1_000_000_000)]
    public int MinMatches { get; init; } = 1000;
}
