using System.Runtime.InteropServices;

namespace HashMatch.Pdq;

/// <summary>
/// A picture's luma, one float a pixel in row-major order, 0 to 255, in native memory that is zeroed when it is
/// disposed. It may be a reduced decode: then one stored pixel covers <see cref="ScaleX"/> by <see cref="ScaleY"/>
/// pixels of the source, and the last column or row only those source pixels that exist.
/// </summary>
public sealed unsafe class Luma : IDisposable
{
    private float* _pixels;

    private Luma(int width, int height, int sourceWidth, int sourceHeight, double scaleX, double scaleY)
    {
        Width = width;
        Height = height;
        SourceWidth = sourceWidth;
        SourceHeight = sourceHeight;
        ScaleX = scaleX;
        ScaleY = scaleY;
        _pixels = (float*)NativeMemory.AlignedAlloc((nuint)width * (nuint)height * sizeof(float), 64);
    }

    ~Luma() => Free();

    /// <summary>Stored columns.</summary>
    public int Width { get; }

    /// <summary>Stored rows.</summary>
    public int Height { get; }

    /// <summary>Columns of the full-size picture.</summary>
    public int SourceWidth { get; }

    /// <summary>Rows of the full-size picture.</summary>
    public int SourceHeight { get; }

    /// <summary>Source columns that one stored column covers; 1 for a full-size decode.</summary>
    public double ScaleX { get; }

    /// <summary>Source rows that one stored row covers; 1 for a full-size decode.</summary>
    public double ScaleY { get; }

    /// <summary>Whether the stored pixels are the source's.</summary>
    public bool IsFullSize => Width == SourceWidth && Height == SourceHeight;

    /// <summary>All pixels.</summary>
    /// <exception cref="ObjectDisposedException">After disposal.</exception>
    /// <exception cref="OverflowException">More than 2^31 pixels.</exception>
    public Span<float> Pixels
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pixels is null, this);
            return new Span<float>(_pixels, checked(Width * Height));
        }
    }

    /// <summary>One row.</summary>
    /// <exception cref="ObjectDisposedException">After disposal.</exception>
    public Span<float> Row(int y)
    {
        ObjectDisposedException.ThrowIf(_pixels is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return new Span<float>(_pixels + ((nint)y * Width), Width);
    }

    /// <summary>Full-size luma with undefined content.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is under 1.</exception>
    public static Luma Allocate(int width, int height) => Allocate(width, height, width, height, 1, 1);

    /// <summary>Luma of a reduced decode, with undefined content.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is under 1, a scale under 1, or the stored side over the
    /// source's.</exception>
    public static Luma Allocate(
        int width, int height, int sourceWidth, int sourceHeight, double scaleX, double scaleY)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, sourceWidth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, sourceHeight);
        ArgumentOutOfRangeException.ThrowIfLessThan(scaleX, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(scaleY, 1);
        return new Luma(width, height, sourceWidth, sourceHeight, scaleX, scaleY);
    }

    /// <summary>
    /// The picture turned, in memory of its own. Where the last stored column or row of a reduced decode covers less
    /// than the others, a reflection shifts the picture by less than one stored pixel.
    /// </summary>
    /// <exception cref="ObjectDisposedException">After disposal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not an orientation.</exception>
    public Luma Turned(Orientation turn)
    {
        ObjectDisposedException.ThrowIf(_pixels is null, this);

        // Where the pixel (0, 0) of the turned picture comes from, and the steps to its right and lower neighbours.
        (bool fromRight, bool fromBottom, bool isSideways) = Dihedral.PartsOf(turn);
        nint stepX = fromRight ? -1 : 1;
        nint stepY = fromBottom ? -Width : Width;
        float* first = _pixels + (fromRight ? Width - 1 : 0) + (fromBottom ? (nint)Width * (Height - 1) : 0);
        Luma turned = isSideways
            ? new Luma(Height, Width, SourceHeight, SourceWidth, ScaleY, ScaleX)
            : new Luma(Width, Height, SourceWidth, SourceHeight, ScaleX, ScaleY);
        (nint right, nint down) = isSideways ? (stepY, stepX) : (stepX, stepY);
        for (int y = 0; y < turned.Height; y++)
        {
            float* from = first + (y * down);
            float* to = turned._pixels + ((nint)y * turned.Width);
            for (int x = 0; x < turned.Width; x++)
            {
                to[x] = from[x * right];
            }
        }

        return turned;
    }

    /// <summary>Zeroes the pixels and frees their memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pixels is null)
        {
            return;
        }

        NativeMemory.Clear(_pixels, (nuint)Width * (nuint)Height * sizeof(float));
        NativeMemory.AlignedFree(_pixels);
        _pixels = null;
    }
}
