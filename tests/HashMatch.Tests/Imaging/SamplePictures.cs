namespace HashMatch.Tests.Imaging;

/// <summary>
/// Pictures that the project draws itself: a graded sky with discs, boxes and bars on it, the same on every machine
/// (integers only) and different for every seed.
/// </summary>
internal static class SamplePictures
{
    private const int Shapes = 18;

    /// <summary>Interleaved RGB, 8 bits a channel, row by row.</summary>
    /// <param name="seed">Which picture.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Pixels in a column.</param>
    /// <param name="grain">Largest noise added to or taken from a channel; 0 compresses well.</param>
    public static byte[] Scene(uint seed, int width, int height, int grain = 0)
    {
        var random = new Lcg(seed);
        byte[] rgb = new byte[3 * width * height];
        DrawSky(rgb, width, height, ref random);
        for (int i = 0; i < Shapes; i++)
        {
            DrawShape(rgb, width, height, i % 3, ref random);
        }

        for (int i = 0; grain > 0 && i < rgb.Length; i++)
        {
            rgb[i] = (byte)Math.Clamp(rgb[i] + random.Next(-grain, grain + 1), 0, 255);
        }

        return rgb;
    }

    /// <summary>One colour.</summary>
    public static byte[] Flat(int width, int height, byte red, byte green, byte blue)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.Length; i += 3)
        {
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (red, green, blue);
        }

        return rgb;
    }

    private static void DrawSky(byte[] rgb, int width, int height, ref Lcg random)
    {
        Span<int> from = stackalloc int[3];
        Span<int> to = stackalloc int[3];
        for (int c = 0; c < 3; c++)
        {
            from[c] = random.Next(0, 256);
            to[c] = random.Next(0, 256);
        }

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                // Steps of 1/32 of the way keep the rows alike, and the files small.
                int step = 32 * (x + (2 * y)) / (width + (2 * height));
                for (int c = 0; c < 3; c++)
                {
                    rgb[(3 * ((y * width) + x)) + c] = (byte)(from[c] + ((to[c] - from[c]) * step / 32));
                }
            }
        }
    }

    // Coordinates are in 1024ths of the side, so that a scene is the same picture at any size.
    private static void DrawShape(byte[] rgb, int width, int height, int kind, ref Lcg random)
    {
        int centreX = random.Next(0, 1024);
        int centreY = random.Next(0, 1024);
        int radiusX = random.Next(40, 260);
        int radiusY = random.Next(40, 260);
        (byte Red, byte Green, byte Blue) colour =
            ((byte)random.Next(0, 256), (byte)random.Next(0, 256), (byte)random.Next(0, 256));
        for (int y = 0; y < height; y++)
        {
            int v = (((2 * y) + 1) * 512 / height) - centreY;
            for (int x = 0; x < width; x++)
            {
                int u = (((2 * x) + 1) * 512 / width) - centreX;
                if (IsInside(kind, u, v, radiusX, radiusY))
                {
                    int at = 3 * ((y * width) + x);
                    (rgb[at], rgb[at + 1], rgb[at + 2]) = colour;
                }
            }
        }
    }

    private static bool IsInside(int kind, int u, int v, int radiusX, int radiusY) => kind switch
    {
        0 => ((long)u * u * radiusY * radiusY) + ((long)v * v * radiusX * radiusX)
            <= (long)radiusX * radiusX * radiusY * radiusY,
        1 => Math.Abs(u) <= radiusX && Math.Abs(v) <= radiusY,
        _ => Math.Abs(u + v) <= radiusX / 2 && Math.Abs(u - v) <= 2 * radiusY,
    };

    private struct Lcg(uint seed)
    {
        private uint _state = seed;

        public int Next(int from, int to)
        {
            _state = (_state * 1664525) + 1013904223;
            return from + (int)(((ulong)(_state >> 8) * (ulong)(to - from)) >> 24);
        }
    }
}
