namespace HashMatch.Pdq;

/// <summary>How much a block has to say: the sum of its neighbours' differences, 0 to 100.</summary>
internal static unsafe partial class BlockQuality
{
    private const int Side = Dct64To16.BlockSide;
    private const int DifferencesPerPoint = 90;
    private const int Most = 100;
    private const float Percent = 100;
    private const float White = 255;

    /// <summary>The quality of 64 x 64 samples, each 0 to 255.</summary>
    /// <param name="block">Row-major.</param>
    /// <param name="vectors">Must be supported.</param>
    public static int Of(float* block, VectorWidth vectors)
    {
        int sum = vectors switch
        {
            VectorWidth.V512 => Sum512(block),
            VectorWidth.V256 => Sum256(block),
            VectorWidth.V128 => Sum128(block),
            _ => SumScalar(block),
        };
        return Math.Clamp(sum / DifferencesPerPoint, 0, Most);
    }

    private static int SumScalar(float* block)
    {
        int sum = 0;
        for (int i = 0; i < Side; i++)
        {
            float* row = block + (i * Side);
            for (int j = 0; j < Side; j++)
            {
                sum += i + 1 < Side ? Difference(row[j], row[j + Side]) : 0;
                sum += j + 1 < Side ? Difference(row[j], row[j + 1]) : 0;
            }
        }

        return sum;
    }

    // Truncated towards zero, as the reference does.
    private static int Difference(float sample, float neighbour)
    {
        int percent = (int)((sample - neighbour) * Percent / White);
        return percent < 0 ? -percent : percent;
    }
}
