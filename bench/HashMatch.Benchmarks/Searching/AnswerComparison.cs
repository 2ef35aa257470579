using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>Compares two answers, whatever their order.</summary>
internal static class AnswerComparison
{
    /// <summary>Whether both hold the same rows at the same distances, as often. Sorts them.</summary>
    public static bool Same(List<NearRow> left, List<NearRow> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        left.Sort(ByRow);
        right.Sort(ByRow);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(left)
            .SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(right));
    }

    /// <summary>By row, then by distance.</summary>
    public static int ByRow(NearRow left, NearRow right)
    {
        int order = left.Row.CompareTo(right.Row);
        return order != 0 ? order : left.Distance.CompareTo(right.Distance);
    }
}
