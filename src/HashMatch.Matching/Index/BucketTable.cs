using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// Buckets of any size: a directory of where each starts, and behind one another the signatures and the row numbers of
/// all buckets of a chunk.
/// </summary>
internal sealed unsafe class BucketTable : ChunkedTable
{
    // Runs between the prefetch of a directory's entries, that of a bucket's signatures, and the scan.
    private const int DirectoryAhead = 4;
    private const int BucketAhead = 2;
    private const int Ring = 4;

    // What is behind so many lines the processor fetches by itself.
    private const int MostPrefetchedLines = 8;

    private readonly NativeBlock _block;
    private readonly uint* _directories;
    private readonly uint* _ids;
    private readonly ushort* _signatures;
    private readonly long[] _directoryStarts;

    private BucketTable(HashRows hashes, ChunkLayout layout, VectorWidth width, NativeBlock block)
        : base(hashes, layout, width)
    {
        _block = block;
        _directoryStarts = DirectoryStarts(layout);
        _directories = (uint*)block.Start;
        _ids = _directories + _directoryStarts[layout.Count];
        _signatures = (ushort*)(_ids + ((long)layout.Count * hashes.Count));
    }

    public override long Bytes => Hashes.Bytes + _block.Bytes;

    protected override uint* Ids => _ids;

    /// <summary>What it holds, and with the sort's scratch what building needs.</summary>
    public static (long Held, long Building) Estimate(long rows, ChunkLayout layout)
    {
        long held = (rows * sizeof(HashValue)) + BlockBytes(rows, layout);
        return (held, held + BucketSort.ScratchBytes(rows, layout));
    }

    /// <summary>Builds it of shuffled rows.</summary>
    public static BucketTable Create(HashRows hashes, ChunkLayout layout, VectorWidth width, BuildPace pace)
    {
        NativeBlock block = new(BlockBytes(hashes.Count, layout));
        try
        {
            BucketTable table = new(hashes, layout, width, block);
            using BucketSort sort = new(hashes, layout, pace);
            for (int chunk = 0; chunk < layout.Count; chunk++)
            {
                long first = (long)chunk * hashes.Count;
                sort.Sort(
                    chunk, table._directories + table._directoryStarts[chunk],
                    table._ids + first, table._signatures + first);
            }

            return table;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    [SkipLocalsInit]
    protected override void Probe(in HashValue query, SearchPlan plan, ref CandidateBatch batch)
    {
        ulong* ranges = stackalloc ulong[Ring * SearchPlan.LongestRun];
        uint* buckets = stackalloc uint[ChunkLayout.MaxCount];
        for (int chunk = 0; chunk < Layout.Count; chunk++)
        {
            buckets[chunk] = Layout.Bucket(chunk).Of(query);
        }

        ReadOnlySpan<ProbeRun> runs = plan.Runs;
        for (int i = -DirectoryAhead; i < runs.Length && !batch.IsExhausted; i++)
        {
            int directory = i + DirectoryAhead;
            if (directory < runs.Length)
            {
                PrefetchDirectory(runs[directory], buckets);
            }

            int fetched = i + BucketAhead;
            if (fetched >= 0 && fetched < runs.Length)
            {
                PrefetchBuckets(runs[fetched], buckets, ranges + (fetched % Ring * SearchPlan.LongestRun));
            }

            if (i >= 0)
            {
                Scan(query, runs[i], ranges + (i % Ring * SearchPlan.LongestRun), ref batch);
                batch.Advance();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _block.Dispose();
        base.Dispose(disposing);
    }

    private static long[] DirectoryStarts(ChunkLayout layout)
    {
        long[] starts = new long[layout.Count + 1];
        for (int chunk = 0; chunk < layout.Count; chunk++)
        {
            starts[chunk + 1] = starts[chunk] + layout.Buckets(chunk) + 1;
        }

        return starts;
    }

    private static long BlockBytes(long rows, ChunkLayout layout) =>
        (DirectoryStarts(layout)[layout.Count] * sizeof(uint))
        + (layout.Count * rows * (sizeof(uint) + sizeof(ushort))) + (SignatureScan.OverRead * sizeof(ushort));

    private void PrefetchDirectory(in ProbeRun run, uint* buckets)
    {
        uint* directory = _directories + _directoryStarts[run.Chunk];
        uint bucket = buckets[run.Chunk];
        uint* masks = run.First;
        int count = run.Count;
        for (int probe = 0; probe < count; probe++)
        {
            CandidateBatch.Prefetch(directory + (bucket ^ masks[probe]));
        }
    }

    private void PrefetchBuckets(in ProbeRun run, uint* buckets, ulong* ranges)
    {
        uint* directory = _directories + _directoryStarts[run.Chunk];
        ushort* signatures = _signatures + ((long)run.Chunk * Count);
        uint bucket = buckets[run.Chunk];
        uint* masks = run.First;
        int count = run.Count;
        for (int probe = 0; probe < count; probe++)
        {
            uint* entry = directory + (bucket ^ masks[probe]);
            uint start = entry[0];
            uint end = entry[1];
            ranges[probe] = ((ulong)end << 32) | start;
            byte* line = (byte*)((nuint)(signatures + start) & ~(nuint)63);
            byte* last = (byte*)Math.Min((nuint)(signatures + end), (nuint)(line + (64 * MostPrefetchedLines)));
            for (; line < last; line += 64)
            {
                CandidateBatch.Prefetch(line);
            }
        }
    }

    private void Scan(in HashValue query, in ProbeRun run, ulong* ranges, ref CandidateBatch batch)
    {
        ulong chunkStart = (ulong)run.Chunk * (uint)Count;
        SignatureRun signatures = new()
        {
            Query = (ushort)Layout.Signature(run.Chunk).Of(query),
            Limit = run.Limit,
            Count = run.Count,
            Tag = CandidateBatch.Tag(run.Chunk, chunkStart),
            Signatures = _signatures + chunkStart,
            Ranges = ranges,
        };
        SignatureScan.Ranges(Width, signatures, ref batch);
    }
}
