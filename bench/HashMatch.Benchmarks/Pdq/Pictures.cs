using System.Globalization;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Pdq;

/// <summary>What the benchmarks hash.</summary>
internal static class Pictures
{
    /// <summary>Noise of a size such as 512x512; the kernels' time does not depend on what a picture shows.</summary>
    public static Luma Noise(string size)
    {
        string[] sides = size.Split('x');
        Luma luma = Luma.Allocate(
            int.Parse(sides[0], CultureInfo.InvariantCulture), int.Parse(sides[1], CultureInfo.InvariantCulture));
        Random random = new(1);
        foreach (ref float pixel in luma.Pixels)
        {
            pixel = random.Next(256);
        }

        return luma;
    }
}
