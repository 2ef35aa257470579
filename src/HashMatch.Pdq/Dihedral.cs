namespace HashMatch.Pdq;

/// <summary>The group of the eight orientations, and their hashes from one DCT.</summary>
public static unsafe class Dihedral
{
    private const int Side = Dct64To16.Side;

    // Turning a picture transposes its coefficients, or not, and negates odd rows or columns of what was there.
    private static readonly CoefficientMap[] Maps =
    [
        new(Transposes: false, Sign.Kept),
        new(Transposes: true, Sign.KeptInOddColumns),
        new(Transposes: false, Sign.NegatedWhereSumIsOdd),
        new(Transposes: true, Sign.KeptInOddRows),
        new(Transposes: false, Sign.KeptInOddRows),
        new(Transposes: false, Sign.KeptInOddColumns),
        new(Transposes: true, Sign.Kept),
        new(Transposes: true, Sign.NegatedWhereSumIsOdd),
    ];

    private enum Sign
    {
        Kept,
        KeptInOddRows,
        KeptInOddColumns,
        NegatedWhereSumIsOdd,
    }

    /// <summary>The orientation that undoes another.</summary>
    public static Orientation Inverse(Orientation orientation) => throw new NotSupportedException();

    /// <summary>The orientation that comes of one followed by another.</summary>
    public static Orientation Compose(Orientation first, Orientation second) => throw new NotSupportedException();

    /// <summary>The hashes of all orientations.</summary>
    /// <param name="coefficients">16 x 16 of the picture as it is.</param>
    /// <param name="quality">0 to 100.</param>
    /// <param name="vectors">Must be supported.</param>
    internal static DihedralHashes Hashes(float* coefficients, int quality, VectorWidth vectors)
    {
        Span<PdqHash> hashes = stackalloc PdqHash[DihedralHashes.Count];
        float* turned = stackalloc float[Dct64To16.Count];
        for (int o = 0; o < DihedralHashes.Count; o++)
        {
            Turn(coefficients, Maps[o], turned);
            hashes[o] = CoefficientBits.Hash(turned, vectors);
        }

        return new DihedralHashes(hashes, quality);
    }

    private static void Turn(float* coefficients, CoefficientMap map, float* turned)
    {
        for (int i = 0; i < Side; i++)
        {
            for (int j = 0; j < Side; j++)
            {
                float coefficient = coefficients[(i * Side) + j];
                turned[map.Transposes ? (j * Side) + i : (i * Side) + j] =
                    IsNegated(map.Sign, i, j) ? -coefficient : coefficient;
            }
        }
    }

    private static bool IsNegated(Sign sign, int row, int column) => sign switch
    {
        Sign.Kept => false,
        Sign.KeptInOddRows => row % 2 == 0,
        Sign.KeptInOddColumns => column % 2 == 0,
        Sign.NegatedWhereSumIsOdd => (row + column) % 2 != 0,
        _ => throw new ArgumentOutOfRangeException(nameof(sign)),
    };

    private readonly record struct CoefficientMap(bool Transposes, Sign Sign);
}
