namespace HashMatch.Matching.Lists;

/// <summary>What an entry is found by within a version.</summary>
public readonly record struct EntryKey(HashType Type, HashValue Value) : IComparable<EntryKey>
{
    /// <summary>By type, then by value: the order of a segment's rows.</summary>
    public int CompareTo(EntryKey other)
    {
        int order = Type.CompareTo(other.Type);
        return order != 0 ? order : Value.CompareTo(other.Value);
    }

    public static bool operator <(EntryKey left, EntryKey right) => left.CompareTo(right) < 0;

    public static bool operator >(EntryKey left, EntryKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(EntryKey left, EntryKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EntryKey left, EntryKey right) => left.CompareTo(right) >= 0;
}
