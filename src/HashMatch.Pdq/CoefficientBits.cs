namespace HashMatch.Pdq;

/// <summary>From coefficients to bits: one where a coefficient is over their lower median, strictly.</summary>
internal static unsafe partial class CoefficientBits
{
    private const int Count = Dct64To16.Count;
    private const int MedianRank = 127;

    /// <summary>The hash of 256 coefficients.</summary>
    /// <param name="coefficients">16 x 16, row-major, none of them NaN.</param>
    /// <param name="vectors">Must be supported.</param>
    public static PdqHash Hash(float* coefficients, VectorWidth vectors)
    {
        float median = Median(coefficients, vectors);
        ulong* words = stackalloc ulong[4];
        new Span<ulong>(words, 4).Clear();
        switch (vectors)
        {
            case VectorWidth.V512:
                Pack512(coefficients, median, words);
                break;
            case VectorWidth.V256:
                Pack256(coefficients, median, words);
                break;
            case VectorWidth.V128:
                Pack128(coefficients, median, words);
                break;
            default:
                PackScalar(coefficients, median, words);
                break;
        }

        return new PdqHash(words[0], words[1], words[2], words[3]);
    }

    private static float Median(float* coefficients, VectorWidth vectors)
    {
        if (vectors == VectorWidth.Scalar)
        {
            return MedianScalar(coefficients);
        }

        // As integers in the order of the floats.
        int* keys = stackalloc int[Count];
        int median;
        switch (vectors)
        {
            case VectorWidth.V512:
                Order512(coefficients, keys);
                median = Median512(keys);
                break;
            case VectorWidth.V256:
                Order256(coefficients, keys);
                median = Median256(keys);
                break;
            default:
                Order128(coefficients, keys);
                median = Median128(keys);
                break;
        }

        return BitConverter.Int32BitsToSingle(median ^ ((median >> 31) & int.MaxValue));
    }

    private static float MedianScalar(float* coefficients)
    {
        Span<float> sorted = stackalloc float[Count];
        new ReadOnlySpan<float>(coefficients, Count).CopyTo(sorted);
        sorted.Sort();
        return sorted[MedianRank];
    }

    private static void PackScalar(float* coefficients, float median, ulong* words)
    {
        for (int k = 0; k < Count; k++)
        {
            words[k / 64] |= (coefficients[k] > median ? 1UL : 0UL) << (k % 64);
        }
    }
}
