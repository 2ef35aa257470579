using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Matching.Index;

/// <content>8 signatures a vector. What is read behind the last one is masked out.</content>
internal static unsafe partial class SignatureScan
{
    private static void BucketVector128(
        ushort* signatures, long count, ushort query, int limit, ulong tag, ref CandidateBatch batch)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        Vector128<ushort> wanted = Vector128.Create(query);
        for (long at = 0; at < count; at += 8)
        {
            uint near = Near128(Vector128.Load(signatures + at) ^ wanted, limit);
            if (near != 0)
            {
                AddFirst(ref batch, tag + (ulong)at, near, count - at);
            }
        }
    }

    private static void LinesVector128(
        byte* lines, uint bucket, in ProbeRun run, ushort query, ulong tag, ushort* overflow, ref CandidateBatch batch)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        Vector128<ushort> wanted = Vector128.Create(query);
        uint* masks = run.First;
        for (int i = 0; i < run.Count; i++)
        {
            BucketLine* line = (BucketLine*)(lines + ((long)(bucket ^ masks[i]) * BucketLine.Bytes));
            uint near = Near128(Vector128.Load((ushort*)line) ^ wanted, run.Limit)
                | (Near128(Vector128.Load((ushort*)line + 8) ^ wanted, run.Limit) << 8)
                | (Near128(Vector128.Load((ushort*)line + 16) ^ wanted, run.Limit) << 16)
                | (Near128(Vector128.Load((ushort*)line + 24) ^ wanted, run.Limit) << 24);
            if (line->Count > BucketLine.Room)
            {
                BucketVector128(
                    overflow + line->Overflow, line->Count, query, run.Limit, tag + line->Start, ref batch);
            }
            else if (near >> BucketLine.HeaderLanes != 0)
            {
                AddFirst(ref batch, tag + line->Start, near >> BucketLine.HeaderLanes, line->Count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Near128(Vector128<ushort> bits, int limit)
    {
        for (; limit > 0; limit--)
        {
            bits &= bits + Vector128<ushort>.AllBitsSet;
        }

        return (uint)Vector128.Equals(bits, Vector128<ushort>.Zero).ExtractMostSignificantBits();
    }
}
