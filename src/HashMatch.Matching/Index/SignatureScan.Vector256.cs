using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>16 signatures a vector, 32 a step. What is read behind the last one is masked out.</content>
internal static unsafe partial class SignatureScan
{
    private static void RangesVector256<TLimit>(in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        Debug.Assert(Avx2.IsSupported);
        Vector256<ushort> query = Vector256.Create(run.Query);
        ulong* ranges = run.Ranges;
        ushort* signatures = run.Signatures;
        int limit = run.Limit;
        int count = run.Count;
        for (int i = 0; i < count; i++)
        {
            long end = (long)(ranges[i] >> 32);
            for (long at = (uint)ranges[i]; at < end; at += 32)
            {
                uint near = Near256<TLimit>(signatures + at, query, limit);
                if (near != 0)
                {
                    AddFirst(ref batch, run.Tag + (ulong)at, near, end - at);
                }
            }
        }
    }

    private static void LinesVector256<TLimit>(in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        Debug.Assert(Avx2.IsSupported);
        Vector256<ushort> query = Vector256.Create(run.Query);
        BucketLine* lines = run.Lines;
        uint* masks = run.Masks;
        uint bucket = run.Bucket;
        int limit = run.Limit;
        int count = run.Count;
        for (int i = 0; i < count; i++)
        {
            BucketLine* line = lines + (bucket ^ masks[i]);
            uint near = Near256<TLimit>((ushort*)line, query, limit) >> BucketLine.HeaderLanes;
            if (line->Count > BucketLine.Room)
            {
                ulong range = ((ulong)(line->Overflow + line->Count) << 32) | line->Overflow;
                SignatureRun full = run;
                full.Count = 1;
                full.Ranges = &range;
                full.Tag = run.Tag + line->Start - line->Overflow;
                RangesVector256<TLimit>(full, ref batch);
            }
            else if (near != 0)
            {
                AddFirst(ref batch, run.Tag + line->Start, near, line->Count);
            }
        }
    }

    // Of the 32 signatures from here on, one bit each. Hardly ever any is near, and lanes are slow to turn into bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Near256<TLimit>(ushort* signatures, Vector256<ushort> query, int limit)
        where TLimit : IBitLimit
    {
        Vector256<ushort> a = Far256<TLimit>(signatures, query, limit);
        Vector256<ushort> b = Far256<TLimit>(signatures + 16, query, limit);
        a = Vector256.Equals(a, Vector256<ushort>.Zero);
        b = Vector256.Equals(b, Vector256<ushort>.Zero);
        return (a | b) == Vector256<ushort>.Zero
            ? 0
            : a.ExtractMostSignificantBits()
            | (b.ExtractMostSignificantBits() << 16);
    }

    // Zero in the lanes that are near.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Far256<TLimit>(ushort* signatures, Vector256<ushort> query, int limit)
        where TLimit : IBitLimit
    {
        Vector256<ushort> bits = Vector256.Load(signatures) ^ query;
        bits = TLimit.Bits > 0 ? Lower256(bits) : bits;
        bits = TLimit.Bits > 1 ? Lower256(bits) : bits;
        bits = TLimit.Bits > 2 ? Lower256(bits) : bits;
        bits = TLimit.Bits > 3 ? Lower256(bits) : bits;
        for (int left = limit; TLimit.Bits > 3 && left > TLimit.Bits; left--)
        {
            bits = Lower256(bits);
        }

        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Lower256(Vector256<ushort> bits) => bits & (bits + Vector256<ushort>.AllBitsSet);
}
