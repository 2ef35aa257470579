namespace HashMatch.Pdq;

/// <summary>Luma to PDQ hash.</summary>
public static class PdqHasher
{
    /// <summary>Pixels on a side of the source under which there is no hash.</summary>
    public const int MinSide = 5;

    private const int Side = Dct64To16.BlockSide;

    /// <summary>Hashes a picture.</summary>
    /// <param name="luma">Any size; under 5 pixels on a side gives the zero hash with quality 0.</param>
    /// <param name="fidelity"><see cref="PdqFidelity.Reference"/> needs full-size luma.</param>
    /// <exception cref="ArgumentException">Reference fidelity on a reduced decode.</exception>
    public static PdqResult Hash(Luma luma, PdqFidelity fidelity)
    {
        Span<float> coefficients = stackalloc float[Dct64To16.Count];
        return TryTransform(luma, fidelity, coefficients, out int quality)
            ? new PdqResult(CoefficientBits.Hash(coefficients), quality)
            : default;
    }

    /// <summary>Hashes all eight orientations of a picture from one DCT.</summary>
    /// <inheritdoc cref="Hash"/>
    public static DihedralHashes HashDihedral(Luma luma, PdqFidelity fidelity)
    {
        Span<float> coefficients = stackalloc float[Dct64To16.Count];
        return TryTransform(luma, fidelity, coefficients, out int quality)
            ? Dihedral.Hashes(coefficients, quality)
            : default;
    }

    private static bool TryTransform(Luma luma, PdqFidelity fidelity, Span<float> coefficients, out int quality)
    {
        ArgumentNullException.ThrowIfNull(luma);
        if (fidelity == PdqFidelity.Reference && !luma.IsFullSize)
        {
            throw new ArgumentException("Reference fidelity needs full-size luma.", nameof(luma));
        }

        quality = 0;
        if (luma.SourceWidth < MinSide || luma.SourceHeight < MinSide)
        {
            return false;
        }

        Span<float> block = stackalloc float[Side * Side];
        if (fidelity == PdqFidelity.Reference)
        {
            ReduceAsReference(luma, block);
        }
        else
        {
            throw new NotSupportedException();
        }

        quality = BlockQuality.Of(block);
        Dct64To16.Transform(block, coefficients);
        block.Clear();
        return true;
    }

    /// <summary>
    /// The filter, except that a 64 x 64 picture is its own block. The reference hashes such a picture so, but filters
    /// it when it is asked for all orientations; here both ways skip the filter, so the Original of eight is the one.
    /// </summary>
    private static unsafe void ReduceAsReference(Luma luma, Span<float> block)
    {
        if (luma.Width == Side && luma.Height == Side)
        {
            luma.Pixels.CopyTo(block);
            return;
        }

        fixed (float* pixels = luma.Pixels, decimated = block)
        {
            JaroszFilter.Decimate(pixels, luma.Width, luma.Height, decimated, VectorWidths.Widest);
        }
    }
}
