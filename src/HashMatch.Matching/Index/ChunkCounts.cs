using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>Counts rows by the first bits of each chunk's bucket, in one pass over them.</summary>
internal static unsafe class ChunkCounts
{
    /// <summary>Counts.</summary>
    /// <param name="hashes">Shuffled.</param>
    /// <param name="layout">The chunks.</param>
    /// <param name="dropped">By chunk: bits at the low end of a bucket's number that are left out.</param>
    /// <param name="stride">Counters of each chunk.</param>
    /// <param name="counts">The first chunk's, then the second's; zero before.</param>
    /// <param name="pace">Asked between steps.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(
        HashRows hashes, ChunkLayout layout, ReadOnlySpan<int> dropped, int stride, uint* counts, BuildPace pace)
    {
        HashValue* rows = hashes.First;
        int count = hashes.Count;
        BitField* fields = stackalloc BitField[ChunkLayout.MaxCount];
        int* shifts = stackalloc int[ChunkLayout.MaxCount];
        int chunks = layout.Count;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            fields[chunk] = layout.Bucket(chunk);
            shifts[chunk] = dropped[chunk];
        }

        for (int row = 0; row < count; row++)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                counts[((long)chunk * stride) + (fields[chunk].Of(rows[row]) >> shifts[chunk])]++;
            }

            pace.After(row);
        }
    }
}
