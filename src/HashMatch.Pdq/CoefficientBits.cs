namespace HashMatch.Pdq;

/// <summary>From coefficients to bits: one where a coefficient is over their lower median, strictly.</summary>
internal static unsafe partial class CoefficientBits
{
    private const int Count = Dct64To16.Count;
    private const int MedianRank = 127;

    /// <summary>The hash of 256 coefficients.</summary>
    public static PdqHash Hash(ReadOnlySpan<float> coefficients) => HashScalar(coefficients);

    internal static PdqHash HashScalar(ReadOnlySpan<float> coefficients)
    {
        Span<float> sorted = stackalloc float[Count];
        coefficients.CopyTo(sorted);
        sorted.Sort();
        float median = sorted[MedianRank];
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        for (int k = 0; k < Count; k++)
        {
            words[k / 64] |= (coefficients[k] > median ? 1UL : 0UL) << (k % 64);
        }

        return new PdqHash(words[0], words[1], words[2], words[3]);
    }
}
