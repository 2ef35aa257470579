using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>An exact binary index of FAISS, asked by range_search, which answers what a threshold asks.</summary>
internal sealed unsafe class FaissIndex : ISearchPeer
{
    private readonly FaissLibrary _library;
    private readonly void* _index;
    private long[] _rows = new long[1024];
    private int[] _distances = new int[1024];

    /// <param name="library">Outlives it.</param>
    /// <param name="source">Copied.</param>
    /// <param name="multi">IndexBinaryMultiHash, exact up to <see cref="MultiMaxDistance"/>; else IndexBinaryFlat.
    /// </param>
    public FaissIndex(FaissLibrary library, IHashSource source, bool multi)
    {
        _library = library;
        Name = $"{library.Name} {(multi ? "IndexBinaryMultiHash" : "IndexBinaryFlat")}";
        _index = library.Create(multi ? 1 : 0, source.Count);
        Check(_index != null);
        var block = new HashValue[64 * GeneratedHashes.BlockRows];
        for (long first = 0; first < source.Count; first += block.Length)
        {
            Span<HashValue> hashes = block.AsSpan(0, (int)Math.Min(block.Length, source.Count - first));
            source.Fill(first, hashes);
            fixed (HashValue* from = hashes)
            {
                // Words in the machine's order: a distance does not mind where a bit is.
                Check(library.Add(_index, (byte*)from, hashes.Length) == 0);
            }
        }

        Bytes = library.Bytes(_index);
    }

    /// <summary>Of 16 parts of 16 bits with one flip each, one is found up to here.</summary>
    public static int MultiMaxDistance => 31;

    public string Name { get; }

    public long Bytes { get; }

    public void Find(in HashValue query, int maxDistance, List<NearRow> found)
    {
        long count;
        while (true)
        {
            fixed (HashValue* asked = &query)
            fixed (long* rows = _rows)
            fixed (int* distances = _distances)
            {
                count = _library.Find(_index, (byte*)asked, maxDistance, _rows.Length, rows, distances);
            }

            Check(count >= 0);
            if (count <= _rows.Length)
            {
                break;
            }

            _rows = new long[2 * count];
            _distances = new int[2 * count];
        }

        for (int i = 0; i < count; i++)
        {
            found.Add(new NearRow((int)_rows[i], _distances[i]));
        }
    }

    public void Dispose() => _library.Free(_index);

    private void Check(bool succeeded)
    {
        if (!succeeded)
        {
            throw new InvalidOperationException($"{_library.Name} failed.");
        }
    }
}
