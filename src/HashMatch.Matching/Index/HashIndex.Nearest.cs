using System.Numerics;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Matching.Index;

/// <content>The nearest entries whatever the threshold: a scan of all rows, for explaining, not for uploads.</content>
public sealed partial class HashIndex
{
    /// <summary>The nearest entries of each list, whatever its policy; expired ones too.</summary>
    /// <param name="hash">What distances are from.</param>
    /// <param name="count">Most entries of each list, at least 1.</param>
    /// <returns>For each of <see cref="Lists"/>, nearest first, then by value.</returns>
    /// <exception cref="ObjectDisposedException">The snapshot is freed.</exception>
    public IReadOnlyList<IReadOnlyList<Candidate>> FindNearest(PdqHash hash, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        NearestEntries[] nearest = new NearestEntries[_lists.Length];
        for (int list = 0; list < nearest.Length; list++)
        {
            nearest[list] = new NearestEntries();
            nearest[list].Begin(count);
        }

        Hold();
        try
        {
            foreach (SnapshotPart part in _parts)
            {
                foreach (ref readonly LiveSegment segment in part.Pdq.All)
                {
                    Offer(segment.View, HashValue.From(hash), nearest[segment.List]);
                }
            }
        }
        finally
        {
            Release();
        }

        return [.. nearest.Select((entries, list) => Sorted(entries, list))];
    }

    private static void Offer(SegmentView view, HashValue query, NearestEntries nearest)
    {
        ListSegment segment = view.Segment;
        int rows = segment.PdqRows;
        ReadOnlySpan<ulong> first = segment.PdqWords[..rows];
        ReadOnlySpan<ulong> second = segment.PdqWords.Slice(rows, rows);
        ReadOnlySpan<ulong> third = segment.PdqWords.Slice(2 * rows, rows);
        ReadOnlySpan<ulong> fourth = segment.PdqWords.Slice(3 * rows, rows);
        for (int row = 0; row < rows; row++)
        {
            int distance = BitOperations.PopCount(first[row] ^ query.A)
                + BitOperations.PopCount(second[row] ^ query.B)
                + BitOperations.PopCount(third[row] ^ query.C)
                + BitOperations.PopCount(fourth[row] ^ query.D);
            if (distance > nearest.MaxDistance || !view.IsLive(row))
            {
                continue;
            }

            NearEntry entry = new(distance, segment.PdqAt(row), segment, row);
            if (nearest.Takes(entry))
            {
                nearest.Add(entry);
            }
        }
    }

    private static Candidate[] Sorted(NearestEntries nearest, int list)
    {
        NearEntry[] entries = nearest.Kept.ToArray();
        Array.Sort(entries);
        return Array.ConvertAll(entries, entry => new Candidate(list, entry.Segment, entry.Row, entry.Distance));
    }
}
