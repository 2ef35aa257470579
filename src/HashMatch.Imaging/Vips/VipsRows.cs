using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>
/// The rows of an open picture, read once from the top down, and their luma and alpha. Alpha is passed on, never
/// blended; 16 bits lose their lower eight; ink becomes light.
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
    private readonly byte[] _strip;
    private readonly byte[] _samples;
    private readonly byte[] _packed;

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

        // Asked once: each is a call of native code.
        (Width, Height, _bands) = (_image.Width, _image.Height, _image.Bands);
        _isWide = _image.Format == Enums.BandFormat.Ushort;
        _isInk = _image.Interpretation == Enums.Interpretation.Cmyk && _bands >= 4;
        HasAlpha = _isInk ? _bands == 5 : _bands is 2 or 4;
        Channels = _isInk || _bands == 3 ? 3 : _bands < 3 ? 1 : _bands == 4 ? 4 : 3;
        RowBytes = Width * _bands * (_isWide ? 2 : 1);
        RowsAtOnce = Math.Clamp(StripBytes / RowBytes, 1, 16);
        _strip = ScrubbedArrays<byte>.Rent(checked(RowBytes * RowsAtOnce));
        _samples = _isWide ? ScrubbedArrays<byte>.Rent(Width * _bands) : [];
        _packed = _isInk || _bands != Channels ? ScrubbedArrays<byte>.Rent(Channels * Width) : [];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Bytes of a row as it is read.</summary>
    public int RowBytes { get; }

    /// <summary>Most rows of one read.</summary>
    public int RowsAtOnce { get; }

    /// <summary>The last channel is alpha.</summary>
    public bool HasAlpha { get; }

    /// <summary>Bytes of a pixel: 1 grey, 3 RGB, 4 RGBA.</summary>
    public int Channels { get; }

    /// <summary>Reads rows, as they are stored, each directly behind those of the last call;
    /// they stay until the next.</summary>
    /// <exception cref="VipsException">The pixels cannot be decoded.</exception>
    public ReadOnlySpan<byte> Read(int top, int rowCount)
    {
        VipsStrips.Read(_region, top, Width, rowCount, _strip);
        return _strip.AsSpan(0, rowCount * RowBytes);
    }

    /// <summary>A row as bytes of <see cref="Channels"/> a pixel, until the next call.</summary>
    /// <param name="row">Of <see cref="RowBytes"/>.</param>
    public ReadOnlySpan<byte> Pixels(ReadOnlySpan<byte> row)
    {
        ReadOnlySpan<byte> samples = Samples(row);
        if (_isInk)
        {
            InkToLight(samples);
            return _packed.AsSpan(0, Channels * Width);
        }

        if (_bands == Channels)
        {
            return samples;
        }

        for (int i = 0; i < Width; i++)
        {
            samples.Slice(i * _bands, Channels).CopyTo(_packed.AsSpan(i * Channels));
        }

        return _packed.AsSpan(0, Channels * Width);
    }

    /// <summary>Converts one row that was read.</summary>
    /// <param name="row">Of <see cref="RowBytes"/>.</param>
    /// <param name="luma">Gets one value a pixel.</param>
    /// <param name="alpha">Gets one value a pixel; empty unless there is alpha.</param>
    public void Convert(ReadOnlySpan<byte> row, Span<float> luma, Span<byte> alpha)
    {
        ReadOnlySpan<byte> pixels = Pixels(row);
        switch (Channels)
        {
            case 1:
                LumaConversion.FromGrey(pixels, luma);
                break;
            case 3:
                LumaConversion.FromRgb(pixels, luma);
                break;
            default:
                LumaConversion.FromRgba(pixels, luma);
                break;
        }

        ReadOnlySpan<byte> samples = _isWide ? _samples : row;
        for (int i = 0, at = _bands - 1; i < alpha.Length; i++, at += _bands)
        {
            alpha[i] = samples[at];
        }
    }

    public void Dispose()
    {
        _region.Dispose();
        _image.Dispose();
        ScrubbedArrays<byte>.Return(_strip);
        ScrubbedArrays<byte>.Return(_samples);
        ScrubbedArrays<byte>.Return(_packed);
    }

    // 8 bits a sample.
    private ReadOnlySpan<byte> Samples(ReadOnlySpan<byte> row)
    {
        if (!_isWide)
        {
            return row;
        }

        int high = BitConverter.IsLittleEndian ? 1 : 0;
        Span<byte> samples = _samples.AsSpan(0, Width * _bands);
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = row[(2 * i) + high];
        }

        return samples;
    }

    // (255 - ink)(255 - black) / 255, rounded: what profile-less converters agree on. Adobe's inverted inks are turned
    // by the loader.
    private void InkToLight(ReadOnlySpan<byte> samples)
    {
        for (int i = 0; i < Width; i++)
        {
            ReadOnlySpan<byte> ink = samples.Slice(i * _bands, 4);
            int light = 255 - ink[3];
            for (int c = 0; c < 3; c++)
            {
                int product = ((255 - ink[c]) * light) + 128;
                _packed[(3 * i) + c] = (byte)(((product >> 8) + product) >> 8);
            }
        }
    }
}
