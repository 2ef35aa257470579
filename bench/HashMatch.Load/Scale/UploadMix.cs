namespace HashMatch.Load.Scale;

/// <summary>Uploads of several kinds, each as often as its weight says.</summary>
/// <param name="kinds">One at least.</param>
/// <param name="lookupMilliseconds">Added to each.</param>
/// <param name="spread">Standard deviation to mean, within a kind.</param>
internal sealed class UploadMix(IReadOnlyList<UploadKind> kinds, double lookupMilliseconds, double spread)
{
    private readonly double _weights = kinds.Sum(kind => kind.Weight);

    /// <summary>Seconds of one core that an upload takes on average.</summary>
    public double MeanSeconds { get; } =
        ((kinds.Sum(kind => kind.Weight * kind.Milliseconds) / kinds.Sum(kind => kind.Weight)) + lookupMilliseconds)
        / 1000;

    /// <summary>Mean KiB of a file.</summary>
    public double MeanKiB { get; } = kinds.Sum(kind => kind.Weight * kind.KiB) / kinds.Sum(kind => kind.Weight);

    /// <summary>One upload: what a server expects that it takes, and what it takes, in seconds.</summary>
    public (TimeSpan Estimate, double Seconds) Draw(Draws draws)
    {
        double place = draws.Share() * _weights;
        UploadKind kind = kinds[^1];
        foreach (UploadKind each in kinds)
        {
            if ((place -= each.Weight) < 0)
            {
                kind = each;
                break;
            }
        }

        double mean = (kind.Milliseconds + lookupMilliseconds) / 1000;
        return (TimeSpan.FromSeconds(mean), draws.Gamma(mean, spread));
    }
}
