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

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EntryKey key)
    {
        key = default;
        int colon = text.IndexOf(':');
        if (colon < 0 || !TypeNames.TryParse(text[..colon], out HashType type)
            || !HashValue.TryParse(type, text[(colon + 1)..], out HashValue value))
        {
            return false;
        }

        key = new EntryKey(type, value);
        return true;
    }

    /// <summary>Such as `md5:0123...`, in lower-case hex.</summary>
    public override string ToString() => $"{TypeNames.Of(Type)}:{Value.ToHex(Type)}";

    public static bool operator <(EntryKey left, EntryKey right) => left.CompareTo(right) < 0;

    public static bool operator >(EntryKey left, EntryKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(EntryKey left, EntryKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EntryKey left, EntryKey right) => left.CompareTo(right) >= 0;
}
