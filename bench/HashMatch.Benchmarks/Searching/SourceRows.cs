using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>A data set as a table takes it.</summary>
internal static class SourceRows
{
    /// <summary>Reads all of it.</summary>
    /// <returns>Owned by the caller.</returns>
    public static HashRows Read(IHashSource source)
    {
        HashRows rows = new(checked((int)source.Count));
        var block = new HashValue[GeneratedHashes.BlockRows];
        for (long first = 0; first < source.Count; first += block.Length)
        {
            Span<HashValue> hashes = block.AsSpan(0, (int)Math.Min(block.Length, source.Count - first));
            source.Fill(first, hashes);
            foreach (ref readonly HashValue hash in hashes)
            {
                rows.Add(hash);
            }
        }

        return rows;
    }
}
