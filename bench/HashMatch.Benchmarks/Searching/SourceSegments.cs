using HashMatch.Benchmarks.Matching;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Benchmarks.Searching;

/// <summary>A data set as the segments of a list, without a store; equal hashes are one entry there.</summary>
internal static class SourceSegments
{
    // What a row with the id below needs, rounded up.
    private const int RowBytes = 64;

    /// <summary>Bytes that reading so many takes at most, segments included.</summary>
    public static long Estimate(long rows) => 3 * RowBytes * rows;

    /// <summary>Whether a list of so many can be made here: rows are sorted in one array.</summary>
    public static bool Fits(long rows) => rows <= Array.MaxLength / RowBytes;

    /// <summary>Reads all of it.</summary>
    /// <exception cref="InvalidOperationException">There is more than fits.</exception>
    public static List<ListSegment> Read(IHashSource source)
    {
        RowBuffer rows = new((int)Math.Min(Array.MaxLength, ((source.Count + 1) * RowBytes) + PackedRow.MaxBytes));
        var block = new HashValue[GeneratedHashes.BlockRows];
        for (long first = 0; first < source.Count; first += block.Length)
        {
            Span<HashValue> hashes = block.AsSpan(0, (int)Math.Min(block.Length, source.Count - first));
            source.Fill(first, hashes);
            foreach (HashValue hash in hashes)
            {
                if (!rows.TryAdd(new HashEntry { Type = HashType.Pdq, Value = hash, ExternalId = "case" }))
                {
                    throw new InvalidOperationException("There is no room for another entry.");
                }
            }
        }

        return PackedSegments.Of(rows);
    }
}
