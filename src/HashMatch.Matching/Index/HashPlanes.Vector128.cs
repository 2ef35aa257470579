using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Matching.Index;

/// <content>16 rows a vector, four bits a plane: a lookup in a table of 16 bytes is one instruction.</content>
internal sealed unsafe partial class HashPlanes
{
    // Bits that are set in each value of four bits.
    private static Vector128<byte> NibbleCounts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    }

    [SkipLocalsInit]
    private void FindVector128(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        int planes = _planesFor[maxDistance];
        byte* parts = stackalloc byte[MostPlanes];
        for (int plane = 0; plane < planes; plane++)
        {
            parts[plane] = Part(query, plane);
        }

        Vector128<byte> counts = NibbleCounts;
        Vector128<byte> limit = Vector128.Create((byte)Math.Min(maxDistance, byte.MaxValue));
        byte* block = _planes.Start;
        for (int row = 0; row < count; row += BlockRows, block += BlockRows * (PlaneBits / 4))
        {
            Vector128<byte> a = Vector128<byte>.Zero;
            Vector128<byte> b = Vector128<byte>.Zero;
            Vector128<byte> c = Vector128<byte>.Zero;
            Vector128<byte> d = Vector128<byte>.Zero;
            byte* at = block;
            for (int plane = 0; plane < planes; plane++, at += BlockRows)
            {
                Vector128<byte> part = Vector128.Create(parts[plane]);
                a += Vector128.ShuffleNative(counts, Vector128.Load(at) ^ part);
                b += Vector128.ShuffleNative(counts, Vector128.Load(at + 16) ^ part);
                c += Vector128.ShuffleNative(counts, Vector128.Load(at + 32) ^ part);
                d += Vector128.ShuffleNative(counts, Vector128.Load(at + 48) ^ part);
            }

            ulong near = Vector128.LessThanOrEqual(a, limit).ExtractMostSignificantBits()
                | ((ulong)Vector128.LessThanOrEqual(b, limit).ExtractMostSignificantBits() << 16)
                | ((ulong)Vector128.LessThanOrEqual(c, limit).ExtractMostSignificantBits() << 32)
                | ((ulong)Vector128.LessThanOrEqual(d, limit).ExtractMostSignificantBits() << 48);
            if (near != 0)
            {
                Check(near, row, query, maxDistance, count, found);
            }
        }
    }
}
