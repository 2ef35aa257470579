namespace HashMatch.Load.Drive;

/// <summary>A ratio by pairs, and where it lies with 95% confidence.</summary>
/// <param name="Middle">Geometric mean of the pairs' ratios.</param>
/// <param name="Low">Lower end; null of a single pair.</param>
/// <param name="High">Upper end; likewise.</param>
/// <param name="Pairs">How many.</param>
internal sealed record RatioInterval(double Middle, double? Low, double? High, int Pairs)
{
    // Student's t, two-sided 95%, by degrees of freedom from 1 on; from 30 on the normal distribution's is near.
    private static readonly double[] T =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
    ];

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
        double t = logs.Length - 2 < T.Length ? T[logs.Length - 2] : 1.96;
        double reach = t * Math.Sqrt(variance / logs.Length);
        return new RatioInterval(Math.Exp(mean), Math.Exp(mean - reach), Math.Exp(mean + reach), logs.Length);
    }
}
