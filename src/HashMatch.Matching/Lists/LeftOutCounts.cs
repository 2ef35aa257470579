namespace HashMatch.Matching.Lists;

/// <summary>Counts what is left out, by type; of types there is a bounded number.</summary>
public sealed class LeftOutCounts
{
    /// <summary>Types that are told apart; what comes after them is counted as `other`.</summary>
    public const int MaxTypes = 32;

    /// <summary>Characters of a type's name.</summary>
    public const int MaxTypeLength = 64;

    private const string Other = "other";

    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>By name; null when nothing was left out.</summary>
    public IReadOnlyList<LeftOutCount>? All =>
        _counts.Count == 0 ? null : [.. _counts.Select(pair => new LeftOutCount(pair.Key, pair.Value))];

    /// <summary>Counts values of a type.</summary>
    /// <param name="type">Cut, and without characters that a terminal would obey.</param>
    /// <param name="count">How many.</param>
    public void Add(string type, long count = 1)
    {
        ArgumentNullException.ThrowIfNull(type);
        string name = Clean(type);
        if (!_counts.ContainsKey(name) && _counts.Count >= MaxTypes)
        {
            name = Other;
        }

        _counts[name] = _counts.GetValueOrDefault(name) + count;
    }

    private static string Clean(string type)
    {
        ReadOnlySpan<char> cut = type.AsSpan(0, Math.Min(type.Length, MaxTypeLength)).Trim();
        Span<char> clean = stackalloc char[MaxTypeLength];
        for (int i = 0; i < cut.Length; i++)
        {
            clean[i] = char.IsControl(cut[i]) || char.IsSurrogate(cut[i]) ? '?' : cut[i];
        }

        return cut.IsEmpty ? Other : clean[..cut.Length].ToString();
    }
}
