using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>16 signatures a vector. What is read behind the last one is masked out.</content>
internal static unsafe partial class SignatureScan
{
    private static void BucketVector256(
        ushort* signatures, long count, ushort query, int limit, ulong tag, ref CandidateBatch batch)
    {
        Debug.Assert(Avx2.IsSupported);
        Vector256<ushort> wanted = Vector256.Create(query);
        for (long at = 0; at < count; at += 16)
        {
            uint near = Near256(Vector256.Load(signatures + at) ^ wanted, limit);
            if (near != 0)
            {
                AddFirst(ref batch, tag + (ulong)at, near, count - at);
            }
        }
    }

    private static void LinesVector256(
        byte* lines, uint bucket, in ProbeRun run, ushort query, ulong tag, ushort* overflow, ref CandidateBatch batch)
    {
        Debug.Assert(Avx2.IsSupported);
        Vector256<ushort> wanted = Vector256.Create(query);
        uint* masks = run.First;
        for (int i = 0; i < run.Count; i++)
        {
            BucketLine* line = (BucketLine*)(lines + ((long)(bucket ^ masks[i]) * BucketLine.Bytes));
            uint near = Near256(Vector256.Load((ushort*)line) ^ wanted, run.Limit)
                | (Near256(Vector256.Load((ushort*)line + 16) ^ wanted, run.Limit) << 16);
            if (line->Count > BucketLine.Room)
            {
                BucketVector256(
                    overflow + line->Overflow, line->Count, query, run.Limit, tag + line->Start, ref batch);
            }
            else if (near >> BucketLine.HeaderLanes != 0)
            {
                AddFirst(ref batch, tag + line->Start, near >> BucketLine.HeaderLanes, line->Count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Near256(Vector256<ushort> bits, int limit)
    {
        for (; limit > 0; limit--)
        {
            bits &= bits + Vector256<ushort>.AllBitsSet;
        }

        return (uint)Vector256.Equals(bits, Vector256<ushort>.Zero).ExtractMostSignificantBits();
    }
}
