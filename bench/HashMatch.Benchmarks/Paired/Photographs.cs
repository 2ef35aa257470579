using System.Globalization;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Benchmarks.Paired;

/// <summary>
/// Pictures with a photograph's statistics: octaves of noise whose amplitude falls with their frequency, in three
/// colours that mostly agree, cut by the edges of large shapes; always the same ones.
/// </summary>
internal static class Photographs
{
    /// <summary>Interleaved RGB.</summary>
    public static Image Rgb(int width, int height)
    {
        using Image light = Octaves(width, height, 1, 26);
        using Image shapes = Octaves(width, height, 50, 26, smallest: 64);
        using Image warm = Octaves(width, height, 100, 5, smallest: 4);
        using Image cold = Octaves(width, height, 150, 5, smallest: 4);
        using Image edges = (shapes > 12).Ifthenelse(60, (shapes < -20).Ifthenelse(-50, 0));
        using Image base_ = light + edges + 118;
        using Image red = base_ + warm;
        using Image blue = base_ + cold;
        using Image joined = red.Bandjoin(base_, blue);
        using Image bytes = joined.Cast(Enums.BandFormat.Uchar);
        return bytes.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
    }

    /// <summary>The luma of a size such as 512x512.</summary>
    public static Luma Luma(string size)
    {
        string[] sides = size.Split('x');
        int width = int.Parse(sides[0], CultureInfo.InvariantCulture);
        int height = int.Parse(sides[1], CultureInfo.InvariantCulture);
        using Image rgb = Rgb(width, height);
        Luma luma = HashMatch.Pdq.Luma.Allocate(width, height);
        LumaConversion.FromRgb(rgb.WriteToMemory<byte>(), luma.Pixels);
        return luma;
    }

    // Each octave is half as fine as the one before and, from the finest up, 1.25 times as strong: with one it would be
    // 1/f, and photographs lie a little under that where a sensor adds noise.
    private static Image Octaves(int width, int height, int seed, double strength, int smallest = 1)
    {
        Image sum = Image.Black(width, height);
        double amplitude = strength;
        int largest = Math.Max(width, height) / 2;
        for (int cell = largest; cell >= smallest; cell /= 2)
        {
            using Image noise = Image.Gaussnoise(
                (width / cell) + 4, (height / cell) + 4, sigma: amplitude, mean: 0, seed: seed + cell);
            using Image grown = noise.Resize(cell, kernel: Enums.Kernel.Linear);
            using Image part = grown.Crop(cell, cell, width, height);
            Image next = (sum + part).CopyMemory();
            sum.Dispose();
            sum = next;
            amplitude /= 1.25;
        }

        return sum;
    }
}
