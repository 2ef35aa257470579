using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Eight differences at a time.</content>
internal static unsafe partial class BlockQuality
{
    private static int Sum256(float* block)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<int> sums = default;
        for (int at = 0; at < (Side - 1) * Side; at += 8)
        {
            sums += Difference(Vector256.Load(block + at), Vector256.Load(block + at + Side));
        }

        // 63 differences a row: the last vector begins one early, where its first lane was counted already.
        Vector256<int> allButFirst = Vector256.GreaterThan(Vector256<int>.Indices, Vector256<int>.Zero);
        for (int i = 0; i < Side; i++)
        {
            float* row = block + (i * Side);
            for (int j = 0; j < Side - 8; j += 8)
            {
                sums += Difference(Vector256.Load(row + j), Vector256.Load(row + j + 1));
            }

            row += Side - 1 - 8;
            sums += Difference(Vector256.Load(row), Vector256.Load(row + 1)) & allButFirst;
        }

        return Vector256.Sum(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Difference(Vector256<float> samples, Vector256<float> neighbours) =>
        Vector256.Abs(Vector256.ConvertToInt32((samples - neighbours) * Percent / Vector256.Create(White)));
}
