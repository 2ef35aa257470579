using System.ComponentModel.DataAnnotations;

namespace HashMatch.Matching;

/// <summary>When a caller's look-ups around one entry are taken for a search for it.</summary>
public sealed record ProbingOptions
{
    /// <summary>The time that differing hashes are counted over.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Differing hashes within the window that raise the alarm.</summary>
    [Range(8, 256)]
    public int MinHashes { get; init; } = 50;

    /// <summary>How far over its list's threshold a hash still counts, in bits.</summary>
    [Range(1, 64)]
    public int Margin { get; init; } = 12;

    /// <summary>So long a caller that raised an alarm is refused all calls, RATE_LIMITED; zero: not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LimitFor { get; init; }
}
