using System.Numerics;
using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// Sorts the rows of a chunk by bucket in two steps, each of which writes to few places at a time: into parts by the
/// first bits of the bucket, then each part, which fits a second-level cache, by the rest.
/// </summary>
internal sealed unsafe class BucketSort : IDisposable
{
    // The rest of a bucket's number is kept in 16 bits.
    private const int MostRestBits = 16;
    private const int MostPartBits = 11;

    // Of 8 bytes each, so that a part and what it becomes fit a second-level cache.
    private const int RowsPerPart = 1 << 15;

    private readonly HashRows _hashes;
    private readonly ChunkLayout _layout;
    private readonly BuildPace _pace;
    private readonly int[] _dropped = new int[ChunkLayout.MaxCount];
    private readonly int _stride;
    private readonly NativeBlock _scratch;
    private readonly ulong* _parts;
    private readonly uint* _ends;
    private readonly uint* _counts;

    /// <exception cref="IndexTooLargeException">The system does not give the memory.</exception>
    public BucketSort(HashRows hashes, ChunkLayout layout, BuildPace pace)
    {
        _hashes = hashes;
        _layout = layout;
        _pace = pace;
        int partBits = PartBits(hashes.Count, layout);
        for (int chunk = 0; chunk < layout.Count; chunk++)
        {
            _dropped[chunk] = layout.BucketBits(chunk) - partBits;
        }

        _stride = 1 << partBits;
        _scratch = new NativeBlock(ScratchBytes(hashes.Count, layout));
        _parts = (ulong*)_scratch.Start;
        _ends = (uint*)(_parts + hashes.Count);
        _counts = _ends + ((long)layout.Count * _stride);
        ChunkCounts.Fill(hashes, layout, _dropped, _stride, _ends, pace);
    }

    /// <summary>What sorting needs for itself: 8 bytes a row, and some counters.</summary>
    public static long ScratchBytes(long rows, ChunkLayout layout)
    {
        int partBits = PartBits(rows, layout);
        int most = 0;
        for (int chunk = 0; chunk < layout.Count; chunk++)
        {
            most = Math.Max(most, layout.BucketBits(chunk) - partBits);
        }

        return (rows * sizeof(ulong)) + ((((long)layout.Count << partBits) + (1L << most)) * sizeof(uint));
    }

    /// <summary>Sorts a chunk, once.</summary>
    /// <param name="chunk">Which.</param>
    /// <param name="directory">Gets where each bucket starts, and the end of the last.</param>
    /// <param name="ids">Gets the rows' numbers.</param>
    /// <param name="signatures">Gets their signatures.</param>
    public void Sort(int chunk, uint* directory, uint* ids, ushort* signatures)
    {
        uint* ends = _ends + ((long)chunk * _stride);
        uint start = 0;
        for (int part = 0; part < _stride; part++)
        {
            uint count = ends[part];
            ends[part] = start;
            start += count;
        }

        Divide(chunk, ends);
        int dropped = _dropped[chunk];
        start = 0;
        for (int part = 0; part < _stride; part++)
        {
            SortPart(start, ends[part], 1 << dropped, directory + ((long)part << dropped), ids, signatures);
            start = ends[part];
        }

        directory[_layout.Buckets(chunk)] = start;
    }

    public void Dispose() => _scratch.Dispose();

    private static int PartBits(long rows, ChunkLayout layout)
    {
        int least = 0;
        int most = MostPartBits;
        for (int chunk = 0; chunk < layout.Count; chunk++)
        {
            least = Math.Max(least, layout.BucketBits(chunk) - MostRestBits);
            most = Math.Min(most, layout.BucketBits(chunk));
        }

        return Math.Clamp(BitOperations.Log2((ulong)(rows / RowsPerPart) + 1), least, most);
    }

    // Row, rest of the bucket's number, signature: 32, 16, 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Divide(int chunk, uint* ends)
    {
        BitField buckets = _layout.Bucket(chunk);
        BitField signatures = _layout.Signature(chunk);
        int dropped = _dropped[chunk];
        uint rest = (1u << dropped) - 1;
        HashValue* rows = _hashes.First;
        ulong* parts = _parts;
        int count = _hashes.Count;
        for (int row = 0; row < count; row++)
        {
            uint bucket = buckets.Of(rows[row]);
            parts[ends[bucket >> dropped]++] =
                ((ulong)(uint)row << 32) | ((ulong)(bucket & rest) << 16) | signatures.Of(rows[row]);
            _pace.After(row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SortPart(uint start, uint end, int buckets, uint* directory, uint* ids, ushort* signatures)
    {
        uint* counts = _counts;
        new Span<uint>(counts, buckets).Clear();
        for (uint i = start; i < end; i++)
        {
            counts[(_parts[i] >> 16) & 0xFFFF]++;
        }

        uint place = start;
        for (int bucket = 0; bucket < buckets; bucket++)
        {
            uint count = counts[bucket];
            directory[bucket] = place;
            counts[bucket] = place;
            place += count;
        }

        for (uint i = start; i < end; i++)
        {
            ulong entry = _parts[i];
            uint at = counts[(entry >> 16) & 0xFFFF]++;
            ids[at] = (uint)(entry >> 32);
            signatures[at] = (ushort)entry;
            _pace.After((int)i);
        }
    }
}
