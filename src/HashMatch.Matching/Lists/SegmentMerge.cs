namespace HashMatch.Matching.Lists;

/// <summary>
/// Walks segments in memory, oldest first, in order of their keys; of rows with one key that of the latest segment
/// stays.
/// </summary>
internal static class SegmentMerge
{
    /// <summary>The rows that stay, tombstones included.</summary>
    public static IEnumerable<(ListSegment Segment, int Row)> Rows(IReadOnlyList<ListSegment> segments)
    {
        PriorityQueue<int, (EntryKey Key, int Age)> heads = new(
            Comparer<(EntryKey Key, int Age)>.Create((left, right) =>
            {
                int order = left.Key.CompareTo(right.Key);
                return order != 0 ? order : right.Age.CompareTo(left.Age);
            }));
        int[] rows = new int[segments.Count];
        for (int i = 0; i < segments.Count; i++)
        {
            heads.Enqueue(i, (segments[i].First, i));
        }

        EntryKey? last = null;
        while (heads.TryDequeue(out int place, out (EntryKey Key, int Age) head))
        {
            if (head.Key != last)
            {
                last = head.Key;
                yield return (segments[place], rows[place]);
            }

            if (++rows[place] < segments[place].Rows)
            {
                heads.Enqueue(place, (segments[place].KeyAt(rows[place]), place));
            }
        }
    }
}
