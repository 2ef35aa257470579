using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>32 rows a vector, four bits a plane: a lookup in a table of 16 bytes is one instruction.</content>
internal sealed unsafe partial class HashPlanes
{
    [SkipLocalsInit]
    private void FindVector256(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        Debug.Assert(Avx2.IsSupported);
        int planes = _planesFor[maxDistance];
        byte* parts = stackalloc byte[MostPlanes];
        for (int plane = 0; plane < planes; plane++)
        {
            parts[plane] = Part(query, plane);
        }

        Vector256<byte> counts = Vector256.Create(NibbleCounts, NibbleCounts);
        Vector256<byte> limit = Vector256.Create((byte)Math.Min(maxDistance, byte.MaxValue));
        byte* block = _planes.Start;
        for (int row = 0; row < count; row += BlockRows, block += BlockRows * (PlaneBits / 4))
        {
            Vector256<byte> a = Vector256<byte>.Zero;
            Vector256<byte> b = Vector256<byte>.Zero;
            byte* at = block;
            for (int plane = 0; plane < planes; plane++, at += BlockRows)
            {
                Vector256<byte> part = Vector256.Create(parts[plane]);
                a += Avx2.Shuffle(counts, Vector256.Load(at) ^ part);
                b += Avx2.Shuffle(counts, Vector256.Load(at + 32) ^ part);
            }

            ulong near = Vector256.LessThanOrEqual(a, limit).ExtractMostSignificantBits()
                | ((ulong)Vector256.LessThanOrEqual(b, limit).ExtractMostSignificantBits() << 32);
            if (near != 0)
            {
                Check(near, row, query, maxDistance, count, found);
            }
        }
    }
}
