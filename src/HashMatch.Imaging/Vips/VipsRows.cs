using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>
/// The rows of an open picture as bytes, read once from the top down: grey or RGB, with alpha where there is some, 8
/// bits a channel. Alpha is passed on, never blended; 16 bits lose their lower eight; ink becomes light.
/// </summary>
internal sealed class VipsRows : IDisposable
{
    // Small enough to stay out of the large object heap, and in the cache.
    private const int StripBytes = 64 * 1024;

    private readonly Image _image;
    private readonly Region _region;
    private readonly int _bands;
    private readonly bool _isWide;
    private readonly bool _isInk;

    /// <param name="image">Stays the caller's.</param>
    /// <exception cref="VipsException">The picture cannot be converted.</exception>
    public VipsRows(Image image)
    {
        // Floats and CIE spaces come from TIFF alone; libvips knows what they mean.
        bool plain = image.Format is Enums.BandFormat.Uchar or Enums.BandFormat.Ushort
            && image.Interpretation is not (Enums.Interpretation.Lab or Enums.Interpretation.Labq
                or Enums.Interpretation.Labs or Enums.Interpretation.Xyz or Enums.Interpretation.Scrgb);
        _image = plain ? image.Copy() : image.Colourspace(Enums.Interpretation.Srgb).Cast(Enums.BandFormat.Uchar);
        _region = Region.New(_image);
        _bands = _image.Bands;
        _isWide = _image.Format == Enums.BandFormat.Ushort;
        _isInk = _image.Interpretation == Enums.Interpretation.Cmyk && _bands >= 4;
        Channels = _isInk ? 3 : Math.Min(_bands, 4);
        int rowBytes = Width * _bands * (_isWide ? 2 : 1);
        RowsAtOnce = Math.Clamp(StripBytes / rowBytes, 1, 16);
    }

    public int Width => _image.Width;

    public int Height => _image.Height;

    /// <summary>Bytes of a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</summary>
    public int Channels { get; }

    /// <summary>A pixel's last byte is its alpha.</summary>
    public bool HasAlpha => Channels is 2 or 4;

    /// <summary>Most rows of one read.</summary>
    public int RowsAtOnce { get; }

    /// <summary>Reads rows, each directly behind those of the last call.</summary>
    /// <exception cref="VipsException">The pixels cannot be decoded.</exception>
    public ReadOnlySpan<byte> Read(int top, int rowCount)
    {
        Span<byte> strip = _region.Fetch(0, top, Width, rowCount);
        int pixels = Width * rowCount;
        if (_isWide)
        {
            strip = Narrow(strip, pixels * _bands);
        }

        if (_isInk)
        {
            InkToLight(strip, pixels);
        }
        else if (_bands != Channels)
        {
            Pack(strip, pixels);
        }

        return strip[..(pixels * Channels)];
    }

    public void Dispose()
    {
        _region.Dispose();
        _image.Dispose();
    }

    private static Span<byte> Narrow(Span<byte> strip, int samples)
    {
        int high = BitConverter.IsLittleEndian ? 1 : 0;
        for (int i = 0; i < samples; i++)
        {
            strip[i] = strip[(2 * i) + high];
        }

        return strip[..samples];
    }

    // (255 - ink)(255 - black) / 255, rounded: what profile-less converters agree on. Adobe's inverted inks are turned
    // by the loader.
    private void InkToLight(Span<byte> strip, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            Span<byte> ink = strip.Slice(i * _bands, 4);
            int light = 255 - ink[3];
            for (int c = 0; c < 3; c++)
            {
                int product = ((255 - ink[c]) * light) + 128;
                strip[(3 * i) + c] = (byte)(((product >> 8) + product) >> 8);
            }
        }
    }

    private void Pack(Span<byte> strip, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            for (int c = 0; c < Channels; c++)
            {
                strip[(i * Channels) + c] = strip[(i * _bands) + c];
            }
        }
    }
}
