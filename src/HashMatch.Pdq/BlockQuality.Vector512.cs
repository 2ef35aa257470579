using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Sixteen differences at a time.</content>
internal static unsafe partial class BlockQuality
{
    private static int Sum512(float* block)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<int> sums = default;
        for (int at = 0; at < (Side - 1) * Side; at += 16)
        {
            sums += Difference(Vector512.Load(block + at), Vector512.Load(block + at + Side));
        }

        // 63 differences a row: the last vector begins one early, where its first lane was counted already.
        Vector512<int> allButFirst = Vector512.GreaterThan(Vector512<int>.Indices, Vector512<int>.Zero);
        for (int i = 0; i < Side; i++)
        {
            float* row = block + (i * Side);
            for (int j = 0; j < Side - 16; j += 16)
            {
                sums += Difference(Vector512.Load(row + j), Vector512.Load(row + j + 1));
            }

            row += Side - 1 - 16;
            sums += Difference(Vector512.Load(row), Vector512.Load(row + 1)) & allButFirst;
        }

        return Vector512.Sum(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Difference(Vector512<float> samples, Vector512<float> neighbours) =>
        Vector512.Abs(Vector512.ConvertToInt32((samples - neighbours) * Percent / Vector512.Create(White)));
}
