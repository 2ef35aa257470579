using HashMatch.Imaging.Headers;
using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>How far a decode that can be reduced is.</summary>
internal static class DecodeReduction
{
    // PDQ looks at 64 x 64 means: a shorter side of 512 keeps eight pixels under each.
    private const int MinReducedSide = 512;

    /// <summary>1, 2, 4 or 8: the most that leaves the shorter side 512 pixels; 1 for Reference fidelity.</summary>
    public static int For(ImageHeader header, PdqFidelity fidelity) =>
        fidelity == PdqFidelity.Fast ? Fast(header.Width, header.Height) : 1;

    /// <summary>The same for a size, at Fast fidelity.</summary>
    public static int Fast(int width, int height)
    {
        int side = Math.Min(width, height);
        return side >= 8 * MinReducedSide ? 8 : side >= 4 * MinReducedSide ? 4 : side >= 2 * MinReducedSide ? 2 : 1;
    }
}
