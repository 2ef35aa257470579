using System.Collections;
using System.Text.Json.Serialization;

namespace HashMatch.Matching;

/// <summary>Some lists by name, or every list; equal by what they name.</summary>
[JsonConverter(typeof(ListNamesJson))]
public sealed class ListNames : IReadOnlyList<string>, IEquatable<ListNames>
{
    /// <summary>Most lists that are named one by one.</summary>
    public const int MaxCount = 100;

    private readonly string[] _names;

    /// <param name="names">In any order, one twice or not; none stands for every list.</param>
    public ListNames(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        _names = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Every list, those that are created later too.</summary>
    public static ListNames Every { get; } = new([]);

    /// <summary>Whether every list is meant.</summary>
    public bool IsEvery => _names.Length == 0;

    /// <summary>0 when every list is meant.</summary>
    public int Count => _names.Length;

    /// <summary>In ordinal order.</summary>
    public string this[int index] => _names[index];

    /// <summary>Whether a list is meant.</summary>
    public bool Covers(string name) => IsEvery || Array.BinarySearch(_names, name, StringComparer.Ordinal) >= 0;

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(ListNames? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);

    public override bool Equals(object? obj) => Equals(obj as ListNames);

    public override int GetHashCode()
    {
        HashCode hash = default;
        Array.ForEach(_names, name => hash.Add(name, StringComparer.Ordinal));
        return hash.ToHashCode();
    }

    public override string ToString() => IsEvery ? "all" : string.Join(',', _names);
}
