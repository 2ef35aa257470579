using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Matching.Index;

/// <content>8 signatures a vector, 32 a step. What is read behind the last one is masked out.</content>
internal static unsafe partial class SignatureScan
{
    private static void RangesVector128<TLimit>(in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        Vector128<ushort> query = Vector128.Create(run.Query);
        ulong* ranges = run.Ranges;
        ushort* signatures = run.Signatures;
        int limit = run.Limit;
        int count = run.Count;
        for (int i = 0; i < count; i++)
        {
            long end = (long)(ranges[i] >> 32);
            for (long at = (uint)ranges[i]; at < end; at += 32)
            {
                uint near = Near128<TLimit>(signatures + at, query, limit);
                if (near != 0)
                {
                    AddFirst(ref batch, run.Tag + (ulong)at, near, end - at);
                }
            }
        }
    }

    private static void LinesVector128<TLimit>(in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        Vector128<ushort> query = Vector128.Create(run.Query);
        BucketLine* lines = run.Lines;
        uint* masks = run.Masks;
        uint bucket = run.Bucket;
        int limit = run.Limit;
        int count = run.Count;
        for (int i = 0; i < count; i++)
        {
            BucketLine* line = lines + (bucket ^ masks[i]);
            uint near = Near128<TLimit>((ushort*)line, query, limit) >> BucketLine.HeaderLanes;
            if (line->Count > BucketLine.Room)
            {
                ulong range = ((ulong)(line->Overflow + line->Count) << 32) | line->Overflow;
                SignatureRun full = run;
                full.Count = 1;
                full.Ranges = &range;
                full.Tag = run.Tag + line->Start - line->Overflow;
                RangesVector128<TLimit>(full, ref batch);
            }
            else if (near != 0)
            {
                AddFirst(ref batch, run.Tag + line->Start, near, line->Count);
            }
        }
    }

    // Of the 32 signatures from here on, one bit each. Hardly ever any is near, and lanes are slow to turn into bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Near128<TLimit>(ushort* signatures, Vector128<ushort> query, int limit)
        where TLimit : IBitLimit
    {
        Vector128<ushort> a = Far128<TLimit>(signatures, query, limit);
        Vector128<ushort> b = Far128<TLimit>(signatures + 8, query, limit);
        Vector128<ushort> c = Far128<TLimit>(signatures + 16, query, limit);
        Vector128<ushort> d = Far128<TLimit>(signatures + 24, query, limit);
        a = Vector128.Equals(a, Vector128<ushort>.Zero);
        b = Vector128.Equals(b, Vector128<ushort>.Zero);
        c = Vector128.Equals(c, Vector128<ushort>.Zero);
        d = Vector128.Equals(d, Vector128<ushort>.Zero);
        return (a | b | c | d) == Vector128<ushort>.Zero
            ? 0
            : a.ExtractMostSignificantBits()
            | (b.ExtractMostSignificantBits() << 8)
            | (c.ExtractMostSignificantBits() << 16)
            | (d.ExtractMostSignificantBits() << 24);
    }

    // Zero in the lanes that are near.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Far128<TLimit>(ushort* signatures, Vector128<ushort> query, int limit)
        where TLimit : IBitLimit
    {
        Vector128<ushort> bits = Vector128.Load(signatures) ^ query;
        bits = TLimit.Bits > 0 ? Lower128(bits) : bits;
        bits = TLimit.Bits > 1 ? Lower128(bits) : bits;
        bits = TLimit.Bits > 2 ? Lower128(bits) : bits;
        bits = TLimit.Bits > 3 ? Lower128(bits) : bits;
        for (int left = limit; TLimit.Bits > 3 && left > TLimit.Bits; left--)
        {
            bits = Lower128(bits);
        }

        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Lower128(Vector128<ushort> bits) => bits & (bits + Vector128<ushort>.AllBitsSet);
}
