namespace HashMatch.Load.Scale;

/// <summary>Chance that is the same in every run: SplitMix64 (Steele, Lea and Flood, 2014).</summary>
/// <param name="seed">Another seed, other draws.</param>
internal sealed class Draws(ulong seed)
{
    private ulong _state = seed;

    /// <summary>0 to 1, without 1.</summary>
    public double Share()
    {
        ulong mixed = _state += 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1ul << 53));
    }

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Share() * count);

    /// <summary>Of an exponential distribution.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Share());

    /// <summary>Of a gamma distribution: 0 spread is the mean itself, 1 is exponential.</summary>
    /// <param name="mean">Of the draws.</param>
    /// <param name="spread">Their standard deviation to their mean, 0 or more.</param>
    public double Gamma(double mean, double spread)
    {
        if (spread == 0)
        {
            return mean;
        }

        double shape = 1 / (spread * spread);
        return mean / shape * (shape < 1
            ? OfShape(shape + 1) * Math.Pow(1 - Share(), 1 / shape)
            : OfShape(shape));
    }

    // Of scale 1 and a shape of 1 or more (Marsaglia and Tsang, 2000).
    private double OfShape(double shape)
    {
        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = Normal();
            double v = 1 + (c * x);
            if (v > 0)
            {
                v *= v * v;
                if (Math.Log(1 - Share()) < (x * x / 2) + (d * (1 - v + Math.Log(v))))
                {
                    return d * v;
                }
            }
        }
    }

    // Box and Muller, 1958.
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - Share())) * Math.Cos(2 * Math.PI * Share());
}
