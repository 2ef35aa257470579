namespace HashMatch.Load.Soak;

/// <summary>How one figure went, by a straight line through its samples.</summary>
/// <param name="Mean">Of the samples.</param>
/// <param name="Growth">What the line rises by over the time of the samples.</param>
/// <param name="PerHour">What it rises by in an hour.</param>
internal sealed record SoakTrend(double Mean, double Growth, double PerHour)
{
    /// <summary>Fits the line.</summary>
    public static SoakTrend Of(IReadOnlyList<SoakSample> samples, Func<SoakSample, double> figure)
    {
        if (samples.Count < 2)
        {
            return new SoakTrend(samples.Count == 0 ? 0 : figure(samples[0]), 0, 0);
        }

        double meanTime = samples.Average(sample => sample.At.TotalHours);
        double mean = samples.Average(figure);
        double above = samples.Sum(sample => (sample.At.TotalHours - meanTime) * (figure(sample) - mean));
        double below = samples.Sum(sample => Math.Pow(sample.At.TotalHours - meanTime, 2));
        double slope = below == 0 ? 0 : above / below;
        return new SoakTrend(mean, slope * (samples[^1].At - samples[0].At).TotalHours, slope);
    }
}
