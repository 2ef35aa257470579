using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>32 signatures a vector, 32 a step. What is read behind the last one is masked out.</content>
internal static unsafe partial class SignatureScan
{
    private static void RangesVector512<TLimit>(in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        Debug.Assert(Avx512BW.IsSupported);
        Vector512<ushort> query = Vector512.Create(run.Query);
        ulong* ranges = run.Ranges;
        ushort* signatures = run.Signatures;
        int limit = run.Limit;
        int count = run.Count;
        for (int i = 0; i < count; i++)
        {
            long end = (long)(ranges[i] >> 32);
            for (long at = (uint)ranges[i]; at < end; at += 32)
            {
                uint near = Near512<TLimit>(signatures + at, query, limit);
                if (near != 0)
                {
                    AddFirst(ref batch, run.Tag + (ulong)at, near, end - at);
                }
            }
        }
    }

    private static void LinesVector512<TLimit>(in SignatureRun run, ref CandidateBatch batch)
        where TLimit : IBitLimit
    {
        Debug.Assert(Avx512BW.IsSupported);
        Vector512<ushort> query = Vector512.Create(run.Query);
        BucketLine* lines = run.Lines;
        uint* masks = run.Masks;
        uint bucket = run.Bucket;
        int limit = run.Limit;
        int count = run.Count;
        for (int i = 0; i < count; i++)
        {
            BucketLine* line = lines + (bucket ^ masks[i]);
            uint near = Near512<TLimit>((ushort*)line, query, limit) >> BucketLine.HeaderLanes;
            if (line->Count > BucketLine.Room)
            {
                ulong range = ((ulong)(line->Overflow + line->Count) << 32) | line->Overflow;
                SignatureRun full = run;
                full.Count = 1;
                full.Ranges = &range;
                full.Tag = run.Tag + line->Start - line->Overflow;
                RangesVector512<TLimit>(full, ref batch);
            }
            else if (near != 0)
            {
                AddFirst(ref batch, run.Tag + line->Start, near, line->Count);
            }
        }
    }

    // Of the 32 signatures from here on, one bit each.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Near512<TLimit>(ushort* signatures, Vector512<ushort> query, int limit)
        where TLimit : IBitLimit =>
        (uint)Vector512.Equals(Far512<TLimit>(signatures, query, limit), Vector512<ushort>.Zero)
            .ExtractMostSignificantBits();

    // Zero in the lanes that are near.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Far512<TLimit>(ushort* signatures, Vector512<ushort> query, int limit)
        where TLimit : IBitLimit
    {
        Vector512<ushort> bits = Vector512.Load(signatures) ^ query;
        bits = TLimit.Bits > 0 ? Lower512(bits) : bits;
        bits = TLimit.Bits > 1 ? Lower512(bits) : bits;
        bits = TLimit.Bits > 2 ? Lower512(bits) : bits;
        bits = TLimit.Bits > 3 ? Lower512(bits) : bits;
        for (int left = limit; TLimit.Bits > 3 && left > TLimit.Bits; left--)
        {
            bits = Lower512(bits);
        }

        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Lower512(Vector512<ushort> bits) => bits & (bits + Vector512<ushort>.AllBitsSet);
}
