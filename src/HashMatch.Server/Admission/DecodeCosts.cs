using HashMatch.Imaging;

namespace HashMatch.Server.Admission;

/// <summary>
/// How long uploads take to be hashed and looked up: a cost per pixel and byte of each kind, corrected by what was
/// measured. Safe for concurrent use.
/// </summary>
public sealed class DecodeCosts
{
    /// <summary>Weight of one measurement: the last 20 or so count.</summary>
    private const double Weight = 0.05;

    // One upload that was made to be slow, or a machine that stood still, must not make all others look dear.
    private const double MostStep = 4;
    private const double LeastRatio = 0.02;
    private const double MostRatio = 20;

    private readonly Lock _gate = new();
    private readonly double[] _ratios = new double[2 * Enum.GetValues<ImageFormat>().Length];
    private double _typical = 2e6;
    private double _query = 2e3;

    public DecodeCosts() => Array.Fill(_ratios, 1);

    /// <summary>The mean of late uploads.</summary>
    public TimeSpan Typical
    {
        get
        {
            lock (_gate)
            {
                return FromNanoseconds(_typical);
            }
        }
    }

    /// <summary>How long this takes on a decode of its own.</summary>
    public TimeSpan Estimate(DecodeWork work)
    {
        lock (_gate)
        {
            return FromNanoseconds(Nominal(work) * _ratios[KindOf(work)]);
        }
    }

    /// <summary>Takes how long it did take.</summary>
    public void Learn(DecodeWork work, TimeSpan measured)
    {
        double nominal = Nominal(work);
        double nanoseconds = Math.Max(1, measured.TotalNanoseconds);
        lock (_gate)
        {
            ref double ratio = ref _ratios[KindOf(work)];
            double seen = Math.Min(nanoseconds / nominal, ratio * MostStep);
            ratio = Math.Clamp(ratio + ((seen - ratio) * Weight), LeastRatio, MostRatio);
            _typical += (Math.Min(nanoseconds, _typical * MostStep) - _typical) * Weight;
        }
    }

    /// <summary>How long so many ready-made hashes take to be looked up.</summary>
    public TimeSpan EstimateQueries(int count)
    {
        lock (_gate)
        {
            return FromNanoseconds(_query * count);
        }
    }

    /// <summary>Takes how long so many took.</summary>
    public void LearnQueries(int count, TimeSpan measured)
    {
        double each = measured.TotalNanoseconds / count;
        lock (_gate)
        {
            _query += (Math.Min(each, _query * MostStep) - _query) * Weight;
        }
    }

    private static int KindOf(DecodeWork work) => ((int)work.Format * 2) + (work.IsOwn ? 1 : 0);

    private static TimeSpan FromNanoseconds(double nanoseconds) =>
        TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));

    // Where estimates begin, in nanoseconds: low, so that nothing is refused for a guess. Each byte is digested too.
    private static double Nominal(DecodeWork work)
    {
        (double fixedCost, double pixel, double each) = (work.Format, work.IsOwn) switch
        {
            (ImageFormat.Jpeg, true) => (100e3, 1.0, 5.0),
            (ImageFormat.Png, true) => (100e3, 3.0, 5.0),
            (ImageFormat.Jpeg, false) => (1e6, 5.0, 5.0),
            (ImageFormat.Png, false) => (1e6, 8.0, 5.0),
            (ImageFormat.Gif, _) => (1e6, 5.0, 5.0),
            (ImageFormat.WebP, _) => (1e6, 10.0, 5.0),
            (ImageFormat.Avif, _) => (1e6, 15.0, 5.0),
            (ImageFormat.Tiff, _) => (1e6, 4.0, 5.0),
            _ => (50e3, 0.0, 5.0),
        };
        return fixedCost + (work.Pixels * pixel) + (work.Bytes * each);
    }
}
