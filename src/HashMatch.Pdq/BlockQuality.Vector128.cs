using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Pdq;

/// <content>Four differences at a time.</content>
internal static unsafe partial class BlockQuality
{
    private static int Sum128(float* block)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        Vector128<int> sums = default;
        for (int at = 0; at < (Side - 1) * Side; at += 4)
        {
            sums += Difference(Vector128.Load(block + at), Vector128.Load(block + at + Side));
        }

        // 63 differences a row: the last vector begins one early, where its first lane was counted already.
        Vector128<int> allButFirst = Vector128.GreaterThan(Vector128<int>.Indices, Vector128<int>.Zero);
        for (int i = 0; i < Side; i++)
        {
            float* row = block + (i * Side);
            for (int j = 0; j < Side - 4; j += 4)
            {
                sums += Difference(Vector128.Load(row + j), Vector128.Load(row + j + 1));
            }

            row += Side - 1 - 4;
            sums += Difference(Vector128.Load(row), Vector128.Load(row + 1)) & allButFirst;
        }

        return Vector128.Sum(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Difference(Vector128<float> samples, Vector128<float> neighbours) =>
        Vector128.Abs(Vector128.ConvertToInt32((samples - neighbours) * Percent / Vector128.Create(White)));
}
