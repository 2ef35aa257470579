using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Index;

/// <summary>An entry by its action, how near it is, then by value: within a list no two are equal.</summary>
/// <param name="Distance">0 to 256.</param>
/// <param name="Value">Its hash.</param>
/// <param name="Segment">Where it is.</param>
/// <param name="Row">Its row there.</param>
/// <param name="IsCapped">Whether it asks for less than its list does; such entries come last.</param>
internal readonly record struct NearEntry(
    int Distance, HashValue Value, ListSegment Segment, int Row, bool IsCapped = false) : IComparable<NearEntry>
{
    public int CompareTo(NearEntry other)
    {
        int order = IsCapped.CompareTo(other.IsCapped);
        order = order != 0 ? order : Distance.CompareTo(other.Distance);
        return order != 0 ? order : Value.CompareTo(other.Value);
    }
}
