using HashMatch.Pdq;

namespace HashMatch.Tests.Pdq;

/// <summary>Pictures that the tests draw.</summary>
internal static class Pictures
{
    /// <summary>The pixels of a synthetic vector, interleaved.</summary>
    public static byte[] Synthetic(string kind, bool isRgb, int width, int height, uint seed)
    {
        int channels = isRgb ? 3 : 1;
        byte[] pixels = new byte[width * height * channels];
        uint state = seed;
        for (int i = 0; i < pixels.Length; i++)
        {
            int channel = i % channels;
            switch (kind)
            {
                case "noise":
                    state = unchecked((state * 1664525) + 1013904223);
                    pixels[i] = (byte)(state >> 24);
                    break;
                case "grad":
                    int level = i / channels % width * 255 / (width - 1);
                    pixels[i] = (byte)(channel switch { 0 => level, 1 => 255 - level, _ => level / 2 });
                    break;
                case "const":
                    pixels[i] = isRgb ? (byte)(200 >> channel) : (byte)128;
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(kind));
            }
        }

        return pixels;
    }

    /// <summary>Random levels with random fractions.</summary>
    public static Luma Noise(int width, int height, int seed)
    {
        Luma luma = Luma.Allocate(width, height);
        Random random = new(seed);
        foreach (ref float pixel in luma.Pixels)
        {
            pixel = random.NextSingle() * 255;
        }

        return luma;
    }

    /// <summary>Random levels at the corners of a coarse grid, and between them in proportion.</summary>
    public static Luma Clouds(int width, int height, int seed)
    {
        const int Cells = 37;
        Random random = new(seed);
        float[] corners = [.. Enumerable.Range(0, (Cells + 1) * (Cells + 1)).Select(_ => random.NextSingle() * 255)];
        Luma luma = Luma.Allocate(width, height);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = luma.Row(y);
            (int cellY, float v) = Place(y, height);
            for (int x = 0; x < width; x++)
            {
                (int cellX, float u) = Place(x, width);
                int corner = (cellY * (Cells + 1)) + cellX;
                float above = corners[corner] + (u * (corners[corner + 1] - corners[corner]));
                corner += Cells + 1;
                float below = corners[corner] + (u * (corners[corner + 1] - corners[corner]));
                row[x] = above + (v * (below - above));
            }
        }

        return luma;

        static (int Cell, float Fraction) Place(int at, int length)
        {
            float place = (at + 0.5f) / length * Cells;
            return ((int)place, place - (int)place);
        }
    }

    /// <summary>The picture turned, pixel by pixel.</summary>
    public static Luma Turn(Luma luma, Orientation orientation)
    {
        bool isSideways = orientation is Orientation.Rotated90 or Orientation.Rotated270
            or Orientation.FlippedPlus1 or Orientation.FlippedMinus1;
        int width = isSideways ? luma.Height : luma.Width;
        int height = isSideways ? luma.Width : luma.Height;
        Luma turned = Luma.Allocate(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int fromX, int fromY) = orientation switch
                {
                    Orientation.Original => (x, y),
                    Orientation.Rotated90 => (luma.Width - 1 - y, x),
                    Orientation.Rotated180 => (luma.Width - 1 - x, luma.Height - 1 - y),
                    Orientation.Rotated270 => (y, luma.Height - 1 - x),
                    Orientation.FlippedX => (x, luma.Height - 1 - y),
                    Orientation.FlippedY => (luma.Width - 1 - x, y),
                    Orientation.FlippedPlus1 => (y, x),
                    Orientation.FlippedMinus1 => (luma.Width - 1 - y, luma.Height - 1 - x),
                    _ => throw new ArgumentOutOfRangeException(nameof(orientation)),
                };
                turned.Row(y)[x] = luma.Row(fromY)[fromX];
            }
        }

        return turned;
    }

    /// <summary>A reduced decode: every stored pixel the mean of those it covers.</summary>
    public static Luma Reduce(Luma luma, int scale)
    {
        int width = (luma.Width + scale - 1) / scale;
        int height = (luma.Height + scale - 1) / scale;
        Luma reduced = Luma.Allocate(width, height, luma.Width, luma.Height, scale, scale);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double sum = 0;
                int count = 0;
                for (int fromY = y * scale; fromY < Math.Min((y + 1) * scale, luma.Height); fromY++)
                {
                    for (int fromX = x * scale; fromX < Math.Min((x + 1) * scale, luma.Width); fromX++)
                    {
                        sum += luma.Row(fromY)[fromX];
                        count++;
                    }
                }

                reduced.Row(y)[x] = (float)(sum / count);
            }
        }

        return reduced;
    }
}
