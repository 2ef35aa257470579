using HashMatch.Gate.Comparing;

namespace HashMatch.Load.Drive;

/// <summary>A ratio by pairs, and where it lies with 95% confidence.</summary>
/// <param name="Middle">Geometric mean of the pairs' ratios.</param>
/// <param name="Low">Lower end; null of a single pair.</param>
/// <param name="High">Upper end; likewise.</param>
/// <param name="Pairs">How many.</param>
internal sealed record RatioInterval(double Middle, double? Low, double? High, int Pairs)
{
    // Of each side: 95% lie within.
    private const double Tail = 0.025;

    /// <summary>Whether it is above or below 1 with confidence.</summary>
    public bool IsDifferent => Low > 1 || High < 1;

    /// <summary>Of B's figures to A's, one of each a round. Ratios are compared by their logarithms, so that twice and
    /// half are as far from 1.</summary>
    /// <returns>Null when a figure is not above 0.</returns>
    public static RatioInterval? Of(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count || a.Count == 0 || a.Concat(b).Any(figure => !(figure > 0)))
        {
            return null;
        }

        double[] logs = [.. a.Zip(b, (x, y) => Math.Log(y / x))];
        double mean = logs.Average();
        if (logs.Length == 1)
        {
            return new RatioInterval(Math.Exp(mean), null, null, 1);
        }

        double variance = logs.Sum(each => (each - mean) * (each - mean)) / (logs.Length - 1);
        double reach = StudentT.Quantile(Tail, logs.Length - 1) * Math.Sqrt(variance / logs.Length);
        return new RatioInterval(Math.Exp(mean), Math.Exp(mean - reach), Math.Exp(mean + reach), logs.Length);
    }
}
