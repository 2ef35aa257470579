namespace HashMatch.Matching.Index;

/// <summary>How many rows each bucket of each chunk has.</summary>
internal static unsafe class ChunkCounts
{
    /// <summary>Counts.</summary>
    /// <param name="hashes">Shuffled.</param>
    /// <param name="layout">Of one number of buckets for all chunks.</param>
    /// <param name="counts">The first chunk's buckets, then the second's; zero before.</param>
    /// <param name="pace">Asked between steps.</param>
    public static void Fill(HashRows hashes, ChunkLayout layout, uint* counts, BuildPace pace)
    {
        HashValue* rows = hashes.First;
        for (int row = 0; row < hashes.Count; row++)
        {
            for (int chunk = 0; chunk < layout.Count; chunk++)
            {
                counts[((long)chunk * layout.Buckets(chunk)) + layout.Bucket(rows[row], chunk)]++;
            }

            pace.After(row);
        }
    }
}
