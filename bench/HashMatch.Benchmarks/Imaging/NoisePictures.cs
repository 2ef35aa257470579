using NetVips;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>
/// Pictures of noise whose spectrum falls as a photograph's does (amplitude about 1/f: each octave carries as much), so
/// that a JPEG of them has about as many bits a block, and as many zeros, as a camera's. The same on every machine.
/// </summary>
internal static class NoisePictures
{
    /// <summary>Interleaved RGB: strong light and dark, weak colours that are coarser, as in photographs.</summary>
    public static byte[] Rgb(int width, int height, uint seed)
    {
        float[] light = Plane(width, height, seed, finest: 1, decay: 0.82f);
        float[] red = Plane(width, height, seed + 1, finest: 8, decay: 0.6f);
        float[] blue = Plane(width, height, seed + 2, finest: 8, decay: 0.6f);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < light.Length; i++)
        {
            float luma = 122 + (48 * light[i]);
            rgb[3 * i] = (byte)Math.Clamp(luma + (26 * red[i]), 0, 255);
            rgb[(3 * i) + 1] = (byte)Math.Clamp(luma - (9 * red[i]) - (6 * blue[i]), 0, 255);
            rgb[(3 * i) + 2] = (byte)Math.Clamp(luma + (26 * blue[i]), 0, 255);
        }

        return rgb;
    }

    /// <summary>The picture as a JPEG of 4:2:0 with Huffman tables of its own, as encoders write by default.</summary>
    public static byte[] Jpeg(int width, int height, int quality, bool isProgressive, uint seed = 1)
    {
        byte[] rgb = Rgb(width, height, seed);
        using Image image = Image.NewFromMemory(rgb, width, height, 3, Enums.BandFormat.Uchar);
        using Image typed = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return typed.JpegsaveBuffer(
            q: quality,
            interlace: isProgressive,
            optimizeCoding: true,
            subsampleMode: Enums.ForeignSubsample.On);
    }

    private static float[] Plane(int width, int height, uint seed, int finest, float decay)
    {
        float[] plane = new float[width * height];
        float amplitude = 1;
        for (int cell = Math.Max(width, height) / 2; cell >= finest; cell /= 2)
        {
            AddOctave(plane, width, height, cell, amplitude, seed);
            seed = (seed * 1664525) + 1013904223;
            amplitude *= decay;
        }

        return plane;
    }

    // Noise on a lattice, linear between its points.
    private static void AddOctave(float[] plane, int width, int height, int cell, float amplitude, uint seed)
    {
        for (int y = 0; y < height; y++)
        {
            (int row, float v) = (y / cell, y % cell / (float)cell);
            for (int x = 0; x < width; x++)
            {
                (int column, float u) = (x / cell, x % cell / (float)cell);
                float top = ((1 - u) * At(column, row, seed)) + (u * At(column + 1, row, seed));
                float bottom = ((1 - u) * At(column, row + 1, seed)) + (u * At(column + 1, row + 1, seed));
                plane[(y * width) + x] += amplitude * (((1 - v) * top) + (v * bottom));
            }
        }
    }

    private static float At(int column, int row, uint seed)
    {
        uint hash = ((uint)column * 0x9E3779B1) ^ ((uint)row * 0x85EBCA77) ^ seed;
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6D;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39;
        return ((hash ^ (hash >> 15)) / (float)uint.MaxValue * 2) - 1;
    }
}
