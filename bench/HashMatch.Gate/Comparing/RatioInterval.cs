namespace HashMatch.Gate.Comparing;

/// <summary>How many times the base's figure the change's is.</summary>
/// <param name="Ratio">The estimate.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct RatioInterval(double Ratio, double Low, double High)
{
    /// <summary>
    /// The t interval of the mean of the rounds' logarithms. A round is one pair of processes: what is peculiar to a
    /// process (where its code and data came to lie) is in all of its slices, so slices are no replications.
    /// </summary>
    /// <param name="logarithms">One of each round; two at least.</param>
    /// <param name="tail">The probability of each side.</param>
    public static RatioInterval Of(IReadOnlyList<double> logarithms, double tail)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logarithms.Count, 2, nameof(logarithms));
        double mean = logarithms.Average();
        double squares = logarithms.Sum(value => (value - mean) * (value - mean));
        double error = Math.Sqrt(squares / (logarithms.Count - 1) / logarithms.Count);
        double reach = error * StudentT.Quantile(tail, logarithms.Count - 1);
        return new RatioInterval(Math.Exp(mean), Math.Exp(mean - reach), Math.Exp(mean + reach));
    }
}
