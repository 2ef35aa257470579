namespace HashMatch.Gate.Comparing;

/// <summary>Student's t distribution with a whole number of degrees of freedom.</summary>
internal static class StudentT
{
    private const double Widest = 1e9;

    /// <summary>The t that is exceeded with this probability.</summary>
    /// <param name="tail">Over 0, at most a half.</param>
    /// <param name="freedom">Degrees of freedom, 1 or more.</param>
    public static double Quantile(double tail, int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tail);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tail, 0.5);
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        (double low, double high) = (0, 1);
        while (Tail(high, freedom) > tail && high < Widest)
        {
            (low, high) = (high, 2 * high);
        }

        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Tail(middle, freedom) > tail ? (middle, high) : (low, middle);
        }

        return high;
    }

    // Abramowitz and Stegun, 26.7.3 and 26.7.4: finite sums.
    private static double Tail(double t, int freedom)
    {
        double angle = Math.Atan(t / Math.Sqrt(freedom));
        double cosine = Math.Cos(angle);
        bool isOdd = freedom % 2 == 1;
        double term = isOdd ? cosine : 1;
        double sum = freedom > 1 ? term : 0;
        for (int k = isOdd ? 2 : 1; k < freedom - 1; k += 2)
        {
            term *= cosine * cosine * k / (k + 1);
            sum += term;
        }

        double within = isOdd ? 2 / Math.PI * (angle + (Math.Sin(angle) * sum)) : Math.Sin(angle) * sum;
        return (1 - within) / 2;
    }
}
