namespace HashMatch.Pdq;

/// <summary>Luma to PDQ hash. Safe for concurrent use; allocates nothing in steady state.</summary>
public static unsafe class PdqHasher
{
    /// <summary>Pixels on a side of the source under which there is no hash.</summary>
    public const int MinSide = 5;

    private const int Side = Dct64To16.BlockSide;

    [ThreadStatic]
    private static TentAccumulator? _accumulator;

    /// <summary>Hashes a picture.</summary>
    /// <param name="luma">Any size; a source under 5 pixels on a side gives the zero hash with quality 0.</param>
    /// <param name="fidelity"><see cref="PdqFidelity.Reference"/> needs full-size luma.</param>
    /// <exception cref="ArgumentException">Reference fidelity on a reduced decode.</exception>
    public static PdqResult Hash(Luma luma, PdqFidelity fidelity) => Hash(luma, fidelity, VectorWidths.Widest);

    /// <summary>
    /// Hashes all eight orientations of a picture from one DCT; the Original is what <see cref="Hash(Luma,
    /// PdqFidelity)"/>
    /// gives.
    /// </summary>
    /// <inheritdoc cref="Hash(Luma, PdqFidelity)"/>
    public static DihedralHashes HashDihedral(Luma luma, PdqFidelity fidelity) =>
        HashDihedral(luma, fidelity, VectorWidths.Widest);

    internal static PdqResult Hash(Luma luma, PdqFidelity fidelity, VectorWidth vectors)
    {
        if (!CanHash(luma, fidelity))
        {
            return default;
        }

        if (fidelity == PdqFidelity.Fast)
        {
            return Fold(luma, vectors).Hash();
        }

        float* block = stackalloc float[Side * Side];
        ReduceAsReference(luma, block, vectors);
        PdqResult result = HashBlock(block, vectors);
        new Span<float>(block, Side * Side).Clear();
        return result;
    }

    internal static DihedralHashes HashDihedral(Luma luma, PdqFidelity fidelity, VectorWidth vectors)
    {
        if (!CanHash(luma, fidelity))
        {
            return default;
        }

        if (fidelity == PdqFidelity.Fast)
        {
            return Fold(luma, vectors).HashDihedral();
        }

        float* block = stackalloc float[Side * Side];
        ReduceAsReference(luma, block, vectors);
        DihedralHashes hashes = HashBlockDihedral(block, vectors);
        new Span<float>(block, Side * Side).Clear();
        return hashes;
    }

    /// <summary>The hash of 64 x 64 samples.</summary>
    internal static PdqResult HashBlock(float* block, VectorWidth vectors)
    {
        float* coefficients = stackalloc float[Dct64To16.Count];
        Dct64To16.Transform(block, coefficients, vectors);
        return new PdqResult(CoefficientBits.Hash(coefficients, vectors), BlockQuality.Of(block, vectors));
    }

    /// <summary>The hashes of all orientations of 64 x 64 samples.</summary>
    internal static DihedralHashes HashBlockDihedral(float* block, VectorWidth vectors)
    {
        float* coefficients = stackalloc float[Dct64To16.Count];
        Dct64To16.Transform(block, coefficients, vectors);
        return Dihedral.Hashes(coefficients, BlockQuality.Of(block, vectors), vectors);
    }

    private static bool CanHash(Luma luma, PdqFidelity fidelity)
    {
        ArgumentNullException.ThrowIfNull(luma);
        if (fidelity == PdqFidelity.Reference && !luma.IsFullSize)
        {
            throw new ArgumentException("Reference fidelity needs full-size luma.", nameof(luma));
        }

        return luma.SourceWidth >= MinSide && luma.SourceHeight >= MinSide;
    }

    /// <summary>
    /// The filter, except that a 64 x 64 picture is its own block. The reference hashes such a picture so, but filters
    /// it when it is asked for all orientations; here both ways skip the filter, so the Original of eight is the one.
    /// </summary>
    private static void ReduceAsReference(Luma luma, float* block, VectorWidth vectors)
    {
        fixed (float* pixels = luma.Row(0))
        {
            if (luma.Width == Side && luma.Height == Side)
            {
                new ReadOnlySpan<float>(pixels, Side * Side).CopyTo(new Span<float>(block, Side * Side));
                return;
            }

            JaroszFilter.Decimate(pixels, luma.Width, luma.Height, block, vectors);
        }
    }

    private static TentAccumulator Fold(Luma luma, VectorWidth vectors)
    {
        if (_accumulator is not { } accumulator || accumulator.Vectors != vectors)
        {
            accumulator = new TentAccumulator(vectors);
            _accumulator = accumulator;
        }

        accumulator.Start(
            luma.Width, luma.Height, luma.SourceWidth, luma.SourceHeight, luma.ScaleX, luma.ScaleY);
        for (int y = 0; y < luma.Height; y++)
        {
            accumulator.Add(luma.Row(y));
        }

        return accumulator;
    }
}
