using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Drawn;

/// <summary>
/// Pictures to measure with: noise whose spectrum falls as a photograph's does (amplitude about 1/f: each octave
/// carries as much), so that a file of them has about as many bits a pixel as a camera's. Another seed, another
/// picture, near to no other; the same on every machine.
/// </summary>
internal static class NoisePictures
{
    private const float Decay = 0.82f;
    private const float ColourDecay = 0.6f;

    /// <summary>Draws one.</summary>
    /// <exception cref="InvalidOperationException">libvips is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not a format that is written.</exception>
    public static DrawnPicture Draw(ImageFormat format, int width, int height, uint seed)
    {
        if (VipsLibrary.WhyNot is { } reason)
        {
            throw new InvalidOperationException(reason);
        }

        float[] light = Plane(width, height, seed * 3, finest: 1, Decay);
        float[] red = Plane(width, height, (seed * 3) + 1, finest: 8, ColourDecay);
        float[] blue = Plane(width, height, (seed * 3) + 2, finest: 8, ColourDecay);
        byte[] rgb = new byte[3 * width * height];
        using Luma luma = Luma.Allocate(width, height);
        Span<float> pixels = luma.Pixels;
        for (int i = 0; i < light.Length; i++)
        {
            float grey = 122 + (48 * light[i]);
            float r = Math.Clamp(grey + (26 * red[i]), 0, 255);
            float g = Math.Clamp(grey - (9 * red[i]) - (6 * blue[i]), 0, 255);
            float b = Math.Clamp(grey + (26 * blue[i]), 0, 255);
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = ((byte)r, (byte)g, (byte)b);
            pixels[i] = (0.299f * r) + (0.587f * g) + (0.114f * b);
        }

        return new DrawnPicture(Encode(format, rgb, width, height), PdqHasher.Hash(luma, PdqFidelity.Fast));
    }

    // As cameras, browsers and their users' programs write by default.
    private static byte[] Encode(ImageFormat format, byte[] rgb, int width, int height)
    {
        using Image bare = Image.NewFromMemory(rgb, width, height, 3, Enums.BandFormat.Uchar);
        using Image image = bare.Copy(interpretation: Enums.Interpretation.Srgb);
        return format switch
        {
            ImageFormat.Jpeg => image.JpegsaveBuffer(
                q: 85, optimizeCoding: true, subsampleMode: Enums.ForeignSubsample.On),
            ImageFormat.Png => image.PngsaveBuffer(),
            ImageFormat.WebP => image.WebpsaveBuffer(q: 80),
            ImageFormat.Gif => image.GifsaveBuffer(),
            ImageFormat.Tiff => image.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Deflate),
            ImageFormat.Avif => image.HeifsaveBuffer(
                q: 60, compression: Enums.ForeignHeifCompression.Av1, effort: 1),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    // Noise on ever finer lattices: each is the last one at twice its size, linear between its points, and noise of its
    // own, so that the octaves together cost little more than the finest.
    private static float[] Plane(int width, int height, uint seed, int finest, float decay)
    {
        uint state = (seed * 0x9E3779B1) ^ 0x85EBCA77;
        int cell = 1;
        while (cell * 4 <= Math.Max(width, height))
        {
            cell *= 2;
        }

        (int columns, int rows) = Lattice(width, height, cell);
        float[] plane = new float[columns * rows];
        float amplitude = 1;
        AddNoise(plane, amplitude, ref state);
        while (cell > 1)
        {
            cell /= 2;
            (int wider, int higher) = cell == 1 ? (width, height) : Lattice(width, height, cell);
            plane = Doubled(plane, columns, wider, higher);
            (columns, rows) = (wider, higher);
            amplitude *= decay;
            if (cell >= finest)
            {
                AddNoise(plane, amplitude, ref state);
            }
        }

        return plane;
    }

    // One point more than there are cells ends the last cell, and another what is doubled from it.
    private static (int Columns, int Rows) Lattice(int width, int height, int cell) =>
        (((width + cell - 1) / cell) + 2, ((height + cell - 1) / cell) + 2);

    private static float[] Doubled(float[] from, int stride, int columns, int rows)
    {
        float[] doubled = new float[columns * rows];
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<float> upper = from.AsSpan(y / 2 * stride, stride);
            ReadOnlySpan<float> lower = from.AsSpan((y + 1) / 2 * stride, stride);
            Span<float> row = doubled.AsSpan(y * columns, columns);
            for (int x = 0; x < row.Length; x++)
            {
                int left = x / 2;
                int right = (x + 1) / 2;
                row[x] = 0.25f * (upper[left] + upper[right] + lower[left] + lower[right]);
            }
        }

        return doubled;
    }

    // Numerical Recipes' generator: the high bits are random enough for noise.
    private static void AddNoise(float[] plane, float amplitude, ref uint state)
    {
        const float scale = 2f / uint.MaxValue;
        for (int i = 0; i < plane.Length; i++)
        {
            state = (state * 1664525) + 1013904223;
            plane[i] += amplitude * ((state * scale) - 1);
        }
    }
}
