using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>32 signatures a vector. What is read behind the last one is masked out.</content>
internal static unsafe partial class SignatureScan
{
    private static void BucketVector512(
        ushort* signatures, long count, ushort query, int limit, ulong tag, ref CandidateBatch batch)
    {
        Debug.Assert(Avx512BW.IsSupported);
        Vector512<ushort> wanted = Vector512.Create(query);
        for (long at = 0; at < count; at += 32)
        {
            uint near = Near512(Vector512.Load(signatures + at) ^ wanted, limit);
            if (near != 0)
            {
                AddFirst(ref batch, tag + (ulong)at, near, count - at);
            }
        }
    }

    private static void LinesVector512(
        byte* lines, uint bucket, in ProbeRun run, ushort query, ulong tag, ushort* overflow, ref CandidateBatch batch)
    {
        Debug.Assert(Avx512BW.IsSupported);
        Vector512<ushort> wanted = Vector512.Create(query);
        uint* masks = run.First;
        for (int i = 0; i < run.Count; i++)
        {
            BucketLine* line = (BucketLine*)(lines + ((long)(bucket ^ masks[i]) * BucketLine.Bytes));
            uint near = Near512(Vector512.Load((ushort*)line) ^ wanted, run.Limit);
            if (line->Count > BucketLine.Room)
            {
                BucketVector512(
                    overflow + line->Overflow, line->Count, query, run.Limit, tag + line->Start, ref batch);
            }
            else if (near >> BucketLine.HeaderLanes != 0)
            {
                AddFirst(ref batch, tag + line->Start, near >> BucketLine.HeaderLanes, line->Count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Near512(Vector512<ushort> bits, int limit)
    {
        for (; limit > 0; limit--)
        {
            bits &= bits + Vector512<ushort>.AllBitsSet;
        }

        return (uint)Vector512.Equals(bits, Vector512<ushort>.Zero).ExtractMostSignificantBits();
    }
}
