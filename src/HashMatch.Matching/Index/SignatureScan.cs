using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// Hands on the places of signatures within a few bits of the query's. "At most n bits" is n times x &amp;= x - 1, each
/// of which takes the lowest bit away, and a comparison with zero: few steps for the small limits that there are,
/// where counting bits would need a table.
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

    /// <summary>Scans buckets that are ranges of signatures.</summary>
    /// <param name="width">Which kernel; the processor must have it.</param>
    /// <param name="run">What to scan.</param>
    /// <param name="batch">Takes what passes.</param>
    public static void Ranges(VectorWidth width, in SignatureRun run, ref CandidateBatch batch)
    {
        switch (run.Limit)
        {
            case 0:
                Ranges<NoBits>(width, run, ref batch);
                break;
            case 1:
                Ranges<OneBit>(width, run, ref batch);
                break;
            case 2:
                Ranges<TwoBits>(width, run, ref batch);
                break;
            case 3:
                Ranges<ThreeBits>(width, run, ref batch);
                break;
            default:
                Ranges<ManyBits>(width, run, ref batch);
                break;
        }
    }

    /// <summary>Scans buckets that are lines.</summary>
    /// <inheritdoc cref="Ranges(VectorWidth, in SignatureRun, ref CandidateBatch)"/>
    public static void Lines(VectorWidth width, in SignatureRun run, ref CandidateBatch batch)
    {
        switch (run.Limit)
        {
            case 0:
                Lines<NoBits>(width, run, ref batch);
                break;
            case 1:
                Lines<OneBit>(width, run, ref batch);
                break;
            case 2:
                Lines<TwoBits>(width, run, ref batch);
                break;
            case 3:
                Lines<ThreeBits>(width, run, ref batch);
                break;
            default:
                Lines<ManyBits>(width, run, ref batch);
                break;
        }
    }

    private static void Ranges<TLimit>(VectorWidth width, in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        switch (width)
        {
            case VectorWidth.Vector512:
                RangesVector512<TLimit>(run, ref batch);
                break;
            case VectorWidth.Vector256:
                RangesVector256<TLimit>(run, ref batch);
                break;
            case VectorWidth.Vector128:
                RangesVector128<TLimit>(run, ref batch);
                break;
            default:
                RangesScalar(run, ref batch);
                break;
        }
    }

    private static void Lines<TLimit>(VectorWidth width, in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        switch (width)
        {
            case VectorWidth.Vector512:
                LinesVector512<TLimit>(run, ref batch);
                break;
            case VectorWidth.Vector256:
                LinesVector256<TLimit>(run, ref batch);
                break;
            case VectorWidth.Vector128:
                LinesVector128<TLimit>(run, ref batch);
                break;
            default:
                LinesScalar(run, ref batch);
                break;
        }
    }

    private static void RangesScalar(in SignatureRun run, ref CandidateBatch batch)
    {
        for (int i = 0; i < run.Count; i++)
        {
            ulong start = (uint)run.Ranges[i];
            ulong count = (run.Ranges[i] >> 32) - start;
            ScanScalar(run.Signatures + start, count, run.Query, run.Limit, run.Tag + start, ref batch);
        }
    }

    private static void LinesScalar(in SignatureRun run, ref CandidateBatch batch)
    {
        for (int i = 0; i < run.Count; i++)
        {
            BucketLine* line = run.Lines + (run.Bucket ^ run.Masks[i]);
            ushort* signatures =
                line->Count > BucketLine.Room ? run.Signatures + line->Overflow : line->Signatures;
            ScanScalar(signatures, line->Count, run.Query, run.Limit, run.Tag + line->Start, ref batch);
        }
    }

    private static void ScanScalar(
        ushort* signatures, ulong count, ushort query, int limit, ulong tag, ref CandidateBatch batch)
    {
        for (ulong i = 0; i < count; i++)
        {
            if (BitOperations.PopCount((uint)(signatures[i] ^ query)) <= limit)
            {
                batch.Add(tag + i, 1);
            }
        }
    }

    // Of 32 lanes those that are signatures.
    private static void AddFirst(ref CandidateBatch batch, ulong tag, uint near, long count)
    {
        uint mask = near & (count < 32 ? (1u << (int)count) - 1 : uint.MaxValue);
        if (mask != 0)
        {
            batch.Add(tag, mask);
        }
    }
}
