using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// Hands on the places of signatures within a few bits of the query's. "At most n bits" is n times x &amp;= x - 1, each of
/// which takes the lowest bit away, and a comparison with zero: few steps for the small limits that there are, where
/// counting bits would need a table.
/// </summary>
internal static unsafe partial class SignatureScan
{
    /// <summary>Signatures that a kernel may read behind the last one of a bucket.</summary>
    public const int OverRead = 32;

    /// <summary>The widest kernels that the processor has.</summary>
    public static VectorWidth Widest { get; } =
        Avx512BW.IsSupported ? VectorWidth.Vector512
        : Avx2.IsSupported ? VectorWidth.Vector256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Vector128
        : VectorWidth.Scalar;

    /// <summary>Scans the signatures of one bucket.</summary>
    /// <param name="width">Which kernel; the processor must have it.</param>
    /// <param name="signatures">They, and readable memory for <see cref="OverRead"/> more.</param>
    /// <param name="count">How many.</param>
    /// <param name="query">The query's.</param>
    /// <param name="limit">Most bits that may differ, 0 to 16.</param>
    /// <param name="tag">Of the first.</param>
    /// <param name="batch">Takes what passes.</param>
    public static void Bucket(
        VectorWidth width, ushort* signatures, long count, ushort query, int limit, ulong tag, ref CandidateBatch batch)
    {
        switch (width)
        {
            case VectorWidth.Vector512:
                BucketVector512(signatures, count, query, limit, tag, ref batch);
                break;
            case VectorWidth.Vector256:
                BucketVector256(signatures, count, query, limit, tag, ref batch);
                break;
            case VectorWidth.Vector128:
                BucketVector128(signatures, count, query, limit, tag, ref batch);
                break;
            default:
                BucketScalar(signatures, count, query, limit, tag, ref batch);
                break;
        }
    }

    /// <summary>Scans the buckets of a run, each of which has a line.</summary>
    /// <param name="width">Which kernel; the processor must have it.</param>
    /// <param name="lines">The chunk's.</param>
    /// <param name="bucket">The query's.</param>
    /// <param name="run">Which others.</param>
    /// <param name="query">The query's signature.</param>
    /// <param name="tag">Of the chunk's first row.</param>
    /// <param name="overflow">Signatures of lines that are too full, the chunk's, and <see cref="OverRead"/> more.</param>
    /// <param name="batch">Takes what passes.</param>
    public static void Lines(
        VectorWidth width, byte* lines, uint bucket, in ProbeRun run, ushort query, ulong tag, ushort* overflow,
        ref CandidateBatch batch)
    {
        switch (width)
        {
            case VectorWidth.Vector512:
                LinesVector512(lines, bucket, run, query, tag, overflow, ref batch);
                break;
            case VectorWidth.Vector256:
                LinesVector256(lines, bucket, run, query, tag, overflow, ref batch);
                break;
            case VectorWidth.Vector128:
                LinesVector128(lines, bucket, run, query, tag, overflow, ref batch);
                break;
            default:
                LinesScalar(lines, bucket, run, query, tag, overflow, ref batch);
                break;
        }
    }

    private static void BucketScalar(
        ushort* signatures, long count, ushort query, int limit, ulong tag, ref CandidateBatch batch)
    {
        for (long i = 0; i < count; i++)
        {
            if (BitOperations.PopCount((uint)(signatures[i] ^ query)) <= limit)
            {
                batch.Add(tag + (ulong)i, 1);
            }
        }
    }

    private static void LinesScalar(
        byte* lines, uint bucket, in ProbeRun run, ushort query, ulong tag, ushort* overflow, ref CandidateBatch batch)
    {
        uint* masks = run.First;
        for (int i = 0; i < run.Count; i++)
        {
            BucketLine* line = (BucketLine*)(lines + ((long)(bucket ^ masks[i]) * BucketLine.Bytes));
            ushort* signatures = line->Count > BucketLine.Room ? overflow + line->Overflow : line->Signatures;
            BucketScalar(signatures, line->Count, query, run.Limit, tag + line->Start, ref batch);
        }
    }

    // Of a vector's lanes those that are signatures.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFirst(ref CandidateBatch batch, ulong tag, uint near, long count)
    {
        uint mask = near & (count < 32 ? (1u << (int)count) - 1 : uint.MaxValue);
        if (mask != 0)
        {
            batch.Add(tag, mask);
        }
    }
}
