namespace HashMatch.Pdq;

/// <summary>How much a block has to say: the sum of its neighbours' differences, 0 to 100.</summary>
internal static unsafe partial class BlockQuality
{
    private const int Side = Dct64To16.BlockSide;
    private const int DifferencesPerPoint = 90;
    private const int Most = 100;

    /// <summary>The quality of 64 x 64 samples.</summary>
    public static int Of(ReadOnlySpan<float> block) => OfScalar(block);

    internal static int OfScalar(ReadOnlySpan<float> block)
    {
        int sum = 0;
        for (int i = 0; i < Side; i++)
        {
            for (int j = 0; j < Side; j++)
            {
                float sample = block[(i * Side) + j];
                sum += i + 1 < Side ? Difference(sample, block[((i + 1) * Side) + j]) : 0;
                sum += j + 1 < Side ? Difference(sample, block[(i * Side) + j + 1]) : 0;
            }
        }

        return FromSum(sum);
    }

    private static int FromSum(int sum) => Math.Min(Most, sum / DifferencesPerPoint);

    private static int Difference(float sample, float neighbour) =>
        Math.Abs((int)((sample - neighbour) * 100 / 255));
}
