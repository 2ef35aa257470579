using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>The entries of a list that are in quarantine; equal by what they are.</summary>
public sealed class QuarantinedKeys : IEquatable<QuarantinedKeys>
{
    private readonly EntryKey[] _keys;

    /// <param name="entries">From a list's document; null for none.</param>
    public QuarantinedKeys(IEnumerable<QuarantinedEntry>? entries)
    {
        List<EntryKey> keys = [];
        foreach (QuarantinedEntry entry in entries ?? [])
        {
            if (EntryKey.TryParse(entry.Key, out EntryKey key))
            {
                keys.Add(key);
            }
        }

        keys.Sort();
        _keys = [.. keys];
    }

    public static QuarantinedKeys None { get; } = new(null);

    /// <summary>How many there are.</summary>
    public int Count => _keys.Length;

    /// <summary>Whether an entry is among them.</summary>
    public bool Contains(in EntryKey key) => _keys.Length > 0 && Array.BinarySearch(_keys, key) >= 0;

    /// <summary>Whether there are any.</summary>
    public bool IsEmpty => _keys.Length == 0;

    public bool Equals(QuarantinedKeys? other) => other is not null && _keys.AsSpan().SequenceEqual(other._keys);

    public override bool Equals(object? obj) => Equals(obj as QuarantinedKeys);

    public override int GetHashCode() => _keys.Length == 0 ? 0 : HashCode.Combine(_keys.Length, _keys[0]);
}
