using System.Numerics;
using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// 16 chunks of 16 bits. The first bits of a chunk are the bucket, as many as make some 9 to 19 rows of it, and a
/// bucket is one cache line. Its row numbers lie together elsewhere, since few of them are read.
/// </summary>
internal sealed unsafe class LineTable : ChunkedTable
{
    private const int Chunks = 16;
    private const int MostBucketBits = 16;

    // Of 19 expected rows more than a line's 28 are there in 2% of the buckets.
    private const int MostRowsPerLine = 19;

    // Runs between the prefetch of lines and their scan.
    private const int Ahead = 2;

    private readonly NativeBlock _block;
    private readonly NativeBlock _overflow;
    private readonly long[] _overflowStarts;
    private readonly byte* _lines;
    private readonly uint* _ids;

    private LineTable(
        HashRows hashes, ChunkLayout layout, VectorWidth width, NativeBlock block, NativeBlock overflow,
        long[] overflowStarts)
        : base(hashes, layout, width)
    {
        _block = block;
        _overflow = overflow;
        _overflowStarts = overflowStarts;
        _lines = block.Start;
        _ids = IdsOf(block, layout);
    }

    public override long Bytes => Hashes.Bytes + _block.Bytes + _overflow.Bytes;

    protected override uint* Ids => _ids;

    /// <summary>The largest that it may be, when all signatures overflow; and with what sorting needs.</summary>
    public static new (long Held, long Building) Estimate(long rows)
    {
        ChunkLayout layout = LayoutFor(rows);
        long overflow = rows * Chunks * sizeof(ushort);
        long held = (rows * sizeof(HashValue)) + LineBytes(layout) + (rows * Chunks * sizeof(uint)) + overflow;
        return (held, held + overflow + BucketSort.ScratchBytes(rows, layout) + SortedBytes(rows, layout));
    }

    /// <summary>Builds it of shuffled rows.</summary>
    public static LineTable Create(HashRows hashes, VectorWidth width, BuildPace pace)
    {
        ChunkLayout layout = LayoutFor(hashes.Count);
        NativeBlock block = new(LineBytes(layout) + ((long)Chunks * hashes.Count * sizeof(uint)));
        try
        {
            long[] starts = new long[Chunks + 1];
            NativeBlock overflow = Fill(hashes, layout, block, starts, pace);
            return new LineTable(hashes, layout, width, block, overflow, starts);
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    protected override void Probe(in HashValue query, SearchPlan plan, ref CandidateBatch batch)
    {
        uint* buckets = stackalloc uint[Chunks];
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            buckets[chunk] = Layout.Bucket(chunk).Of(query);
        }

        ReadOnlySpan<ProbeRun> runs = plan.Runs;
        for (int i = -Ahead; i < runs.Length && !batch.IsExhausted; i++)
        {
            if (i + Ahead < runs.Length)
            {
                ref readonly ProbeRun next = ref runs[i + Ahead];
                Prefetch(next, buckets[next.Chunk]);
            }

            if (i >= 0)
            {
                Scan(query, runs[i], buckets[runs[i].Chunk], ref batch);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _block.Dispose();
        _overflow.Dispose();
        base.Dispose(disposing);
    }

    private static ChunkLayout LayoutFor(long rows)
    {
        int bits = BitOperations.Log2((ulong)Math.Max(1, rows / MostRowsPerLine)) + 1;
        return ChunkLayout.Narrow(Math.Min(bits, MostBucketBits));
    }

    private static long LineBytes(ChunkLayout layout) => (long)Chunks * layout.Buckets(0) * BucketLine.Bytes;

    private BucketLine* LinesOf(int chunk) => (BucketLine*)_lines + ((long)chunk * Layout.Buckets(chunk));

    private void Prefetch(in ProbeRun run, uint bucket)
    {
        BucketLine* lines = LinesOf(run.Chunk);
        uint* masks = run.First;
        int count = run.Count;
        for (int probe = 0; probe < count; probe++)
        {
            CandidateBatch.Prefetch(lines + (bucket ^ masks[probe]));
        }
    }

    private void Scan(in HashValue query, in ProbeRun run, uint bucket, ref CandidateBatch batch)
    {
        SignatureRun signatures = new()
        {
            Query = (ushort)Layout.Signature(run.Chunk).Of(query),
            Limit = run.Limit,
            Count = run.Count,
            Tag = CandidateBatch.Tag(run.Chunk, (ulong)run.Chunk * (uint)Count),
            Signatures = (ushort*)_overflow.Start + _overflowStarts[run.Chunk],
            Lines = LinesOf(run.Chunk),
            Bucket = bucket,
            Masks = run.First,
        };
        SignatureScan.Lines(Width, signatures, ref batch);
    }

    private static uint* IdsOf(NativeBlock block, ChunkLayout layout) => (uint*)(block.Start + LineBytes(layout));

    // A chunk's signatures and directory, sorted, before they are laid into lines.
    private static long SortedBytes(long rows, ChunkLayout layout) =>
        (rows * sizeof(ushort)) + ((layout.Buckets(0) + 1L) * sizeof(uint));

    // Lays rows into the block. The signatures that have no room in a line are returned, with where each chunk's start.
    private static NativeBlock Fill(
        HashRows hashes, ChunkLayout layout, NativeBlock block, long[] starts, BuildPace pace)
    {
        int count = hashes.Count;
        int buckets = layout.Buckets(0);
        using BucketSort sort = new(hashes, layout, pace);
        using NativeBlock sorted = new(SortedBytes(count, layout));
        using NativeBlock overflow = new((long)Chunks * count * sizeof(ushort));
        uint* directory = (uint*)sorted.Start;
        ushort* signatures = (ushort*)(directory + buckets + 1);
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            sort.Sort(chunk, directory, IdsOf(block, layout) + ((long)chunk * count), signatures);
            BucketLine* lines = (BucketLine*)block.Start + ((long)chunk * buckets);
            starts[chunk + 1] = starts[chunk]
                + FillLines(directory, buckets, signatures, lines, (ushort*)overflow.Start + starts[chunk]);
        }

        NativeBlock kept = new((starts[Chunks] + SignatureScan.OverRead) * sizeof(ushort));
        Buffer.MemoryCopy(
            overflow.Start, kept.Start, kept.Bytes, starts[Chunks] * sizeof(ushort));
        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint FillLines(
        uint* directory, int buckets, ushort* signatures, BucketLine* lines, ushort* overflow)
    {
        uint overflowed = 0;
        for (int bucket = 0; bucket < buckets; bucket++)
        {
            uint start = directory[bucket];
            uint count = directory[bucket + 1] - start;
            BucketLine* line = lines + bucket;
            line->Start = start;
            line->Count = count;
            ushort* to = line->Signatures;
            if (count > BucketLine.Room)
            {
                line->Overflow = overflowed;
                to = overflow + overflowed;
                overflowed += count;
            }

            new ReadOnlySpan<ushort>(signatures + start, (int)count).CopyTo(new Span<ushort>(to, (int)count));
        }

        return overflowed;
    }
}
