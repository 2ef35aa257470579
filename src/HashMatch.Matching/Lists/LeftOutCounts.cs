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
    /// <param name="values">The name is cut, and goes without characters that a terminal would obey.</param>
    public void Add(LeftOutCount values)
    {
        ArgumentNullException.ThrowIfNull(values);
        string name = Clean(values.Type);
        if (!_counts.ContainsKey(name) && _counts.Count >= MaxTypes)
        {
            name = Other;
        }

        _counts[name] = (long)Math.Min(
            long.MaxValue, (ulong)_counts.GetValueOrDefault(name) + (ulong)Math.Max(values.Count, 0));
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
