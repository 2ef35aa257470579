using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <content>64 rows a vector, six bits a plane: a lookup in a table of 64 bytes is one instruction.</content>
internal sealed unsafe partial class HashPlanes
{
    private static readonly byte[] BitCounts = [.. Enumerable.Range(0, 64).Select(i => (byte)int.PopCount(i))];

    [SkipLocalsInit]
    private void FindVector512(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        Debug.Assert(Avx512Vbmi.IsSupported);
        int planes = _planesFor[maxDistance];
        Vector512<byte>* parts = stackalloc Vector512<byte>[planes];
        for (int plane = 0; plane < planes; plane++)
        {
            parts[plane] = Vector512.Create(Part(query, plane));
        }

        Vector512<byte> counts = Vector512.Create<byte>(BitCounts);
        Vector512<byte> limit = Vector512.Create((byte)Math.Min(maxDistance, byte.MaxValue));
        byte* block = _planes.Start;
        for (int row = 0; row < count; row += BlockRows, block += BlockRows * (PlaneBits / 6))
        {
            Vector512<byte> sum = Vector512<byte>.Zero;
            for (int plane = 0; plane < planes; plane++)
            {
                sum += Avx512Vbmi.PermuteVar64x8(
                    counts, Vector512.Load(block + (plane * BlockRows)) ^ parts[plane]);
            }

            ulong near = Vector512.LessThanOrEqual(sum, limit).ExtractMostSignificantBits();
            if (near != 0)
            {
                Check(near, row, query, maxDistance, count, found);
            }
        }
    }
}
