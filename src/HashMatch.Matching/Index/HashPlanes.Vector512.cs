using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>64 rows a vector, two a step, six bits a plane: a table of 64 bytes is one instruction.</content>
internal sealed unsafe partial class HashPlanes
{
    private static readonly byte[] BitCounts = [.. Enumerable.Range(0, 64).Select(i => (byte)int.PopCount(i))];

    [SkipLocalsInit]
    private void FindVector512(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        Debug.Assert(Avx512Vbmi.IsSupported);
        int planes = _planesFor[maxDistance];
        byte* scratch = stackalloc byte[(PlaneBits / 6 * 64) + 63];
        byte* parts = (byte*)(((nuint)scratch + 63) & ~(nuint)63);
        for (int plane = 0; plane < planes; plane++)
        {
            Vector512.Create(Part(query, plane)).StoreAligned(parts + (plane * 64));
        }

        Vector512<byte> counts = Vector512.Create<byte>(BitCounts);
        Vector512<byte> limit = Vector512.Create((byte)Math.Min(maxDistance, byte.MaxValue));
        const int BlockBytes = BlockRows * (PlaneBits / 6);
        byte* block = _planes.Start;
        for (int row = 0; row < count; row += 2 * BlockRows, block += 2 * BlockBytes)
        {
            Vector512<byte> first = Vector512<byte>.Zero;
            Vector512<byte> second = Vector512<byte>.Zero;
            byte* end = parts + (planes * BlockRows);
            byte* at = block;
            for (byte* part = parts; part < end; part += BlockRows, at += BlockRows)
            {
                Vector512<byte> wanted = Vector512.LoadAligned(part);
                first += Avx512Vbmi.PermuteVar64x8(counts, Vector512.LoadAligned(at) ^ wanted);
                second += Avx512Vbmi.PermuteVar64x8(counts, Vector512.LoadAligned(at + BlockBytes) ^ wanted);
            }

            first = Vector512.LessThanOrEqual(first, limit);
            second = Vector512.LessThanOrEqual(second, limit);
            if ((first | second) != Vector512<byte>.Zero)
            {
                Check(first.ExtractMostSignificantBits(), row, query, maxDistance, count, found);
                Check(second.ExtractMostSignificantBits(), row + BlockRows, query, maxDistance, count, found);
            }
        }
    }
}
