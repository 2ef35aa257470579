using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>The kernels' widths as tests name them: bits of a vector, 32 for one float at a time.</summary>
internal static class Widths
{
    /// <summary>The width of so many bits; skips the test where the machine has none.</summary>
    public static VectorWidth Require(int bits)
    {
        VectorWidth width = bits switch
        {
            32 => VectorWidth.Scalar,
            128 => VectorWidth.V128,
            256 => VectorWidth.V256,
            512 => VectorWidth.V512,
            _ => throw new ArgumentOutOfRangeException(nameof(bits)),
        };
        if (!VectorWidths.IsSupported(width))
        {
            Assert.Skip($"This machine, or this lane, has no vectors of {bits} bits.");
        }

        return width;
    }
}
