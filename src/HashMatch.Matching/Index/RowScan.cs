using System.Numerics;
using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>Looks at rows one by one.</summary>
internal static unsafe class RowScan
{
    /// <summary>Bits that differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Distance(in HashValue row, in HashValue query) =>
        BitOperations.PopCount(row.A ^ query.A) + BitOperations.PopCount(row.B ^ query.B)
        + BitOperations.PopCount(row.C ^ query.C) + BitOperations.PopCount(row.D ^ query.D);

    /// <summary>Adds every row that is near enough, in order.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">How many.</param>
    /// <param name="query">What distances are from; both shuffled, or neither.</param>
    /// <param name="maxDistance">0 to 256.</param>
    /// <param name="found">Added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Find(HashValue* rows, int count, in HashValue query, int maxDistance, List<NearRow> found)
    {
        HashValue wanted = query;
        for (int i = 0; i < count; i++)
        {
            int distance = Distance(rows[i], wanted);
            if (distance <= maxDistance)
            {
                found.Add(new NearRow(i, distance));
            }
        }
    }
}
