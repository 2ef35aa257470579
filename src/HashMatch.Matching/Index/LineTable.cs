using System.Numerics;
using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// 16 chunks of 16 bits. The first bits of a chunk are the bucket, as many as make some 9 to 19 rows of it, and a bucket
/// is one cache line. Its row numbers lie together elsewhere, since few of them are read.
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
    private readonly byte* _lines;
    private readonly uint* _ids;
    private readonly ushort* _overflow;
    private readonly uint[] _overflowStarts;

    private LineTable(HashRows hashes, ChunkLayout layout, VectorWidth width, NativeBlock block, uint[] overflowStarts)
        : base(hashes, layout, width)
    {
        _block = block;
        _lines = block.Start;
        _ids = (uint*)(_lines + LineBytes(layout));
        _overflow = (ushort*)(_ids + ((long)Chunks * hashes.Count));
        _overflowStarts = overflowStarts;
    }

    public override long Bytes => Hashes.Bytes + _block.Bytes;

    protected override uint* Ids => _ids;

    /// <summary>The largest that it may be, when all signatures overflow.</summary>
    public static new (long Held, long Building) Estimate(long rows)
    {
        ChunkLayout layout = LayoutFor(rows);
        long held = (rows * sizeof(HashValue)) + LineBytes(layout) + (rows * Chunks * (sizeof(uint) + sizeof(ushort)));
        return (held, held + (Chunks * (long)layout.Buckets(0) * sizeof(uint)));
    }

    /// <summary>Builds it of shuffled rows.</summary>
    public static LineTable Create(HashRows hashes, VectorWidth width, BuildPace pace)
    {
        ChunkLayout layout = LayoutFor(hashes.Count);
        int buckets = layout.Buckets(0);
        using NativeBlock counted = new((long)Chunks * buckets * sizeof(uint));
        uint* counts = (uint*)counted.Start;
        ChunkCounts.Fill(hashes, layout, new int[Chunks], buckets, counts, pace);
        uint[] starts = new uint[Chunks + 1];
        for (int i = 0; i < Chunks * buckets; i++)
        {
            uint count = counts[i];
            starts[(i / buckets) + 1] += count > BucketLine.Room ? count : 0;
        }

        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            starts[chunk + 1] += starts[chunk];
        }

        NativeBlock block = new(
            LineBytes(layout) + ((long)Chunks * hashes.Count * sizeof(uint))
            + ((starts[Chunks] + SignatureScan.OverRead) * (long)sizeof(ushort)));
        try
        {
            LineTable table = new(hashes, layout, width, block, starts);
            for (int chunk = 0; chunk < Chunks; chunk++)
            {
                table.Fill(chunk, counts + ((long)chunk * buckets), pace);
            }

            return table;
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
            Signatures = _overflow + _overflowStarts[run.Chunk],
            Lines = LinesOf(run.Chunk),
            Bucket = bucket,
            Masks = run.First,
        };
        SignatureScan.Lines(Width, signatures, ref batch);
    }

    // counts: rows of each bucket; used up.
    private void Fill(int chunk, uint* counts, BuildPace pace)
    {
        BucketLine* lines = LinesOf(chunk);
        ushort* overflow = _overflow + _overflowStarts[chunk];
        uint start = 0;
        uint overflowed = 0;
        for (int bucket = 0; bucket < Layout.Buckets(chunk); bucket++)
        {
            uint count = counts[bucket];
            lines[bucket].Start = start;
            lines[bucket].Count = count;
            start += count;
            if (count > BucketLine.Room)
            {
                lines[bucket].Overflow = overflowed;
                overflowed += count;
            }

            counts[bucket] = 0;
        }

        Place(chunk, counts, lines, overflow, pace);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Place(int chunk, uint* counts, BucketLine* lines, ushort* overflow, BuildPace pace)
    {
        BitField buckets = Layout.Bucket(chunk);
        BitField signature = Layout.Signature(chunk);
        uint* ids = _ids + ((long)chunk * Count);
        HashValue* rows = Hashes.First;
        int count = Count;
        for (int row = 0; row < count; row++)
        {
            uint bucket = buckets.Of(rows[row]);
            BucketLine* line = lines + bucket;
            uint place = counts[bucket]++;
            ushort* signatures = line->Count > BucketLine.Room ? overflow + line->Overflow : line->Signatures;
            signatures[place] = (ushort)signature.Of(rows[row]);
            ids[line->Start + place] = (uint)row;
            pace.After(row);
        }
    }
}
