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
    private readonly byte[] _samples;
    private readonly byte[] _rgb;

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
        HasAlpha = _isInk ? _bands == 5 : _bands is 2 or 4;
        RowBytes = Width * _bands * (_isWide ? 2 : 1);
        RowsAtOnce = Math.Clamp(StripBytes / RowBytes, 1, 16);
        _samples = new byte[_isWide ? Width * _bands : 0];
        _rgb = new byte[_isInk || (_bands > 3 && !IsRgba) ? 3 * Width : _bands == 2 ? Width : 0];
    }

    public int Width => _image.Width;

    public int Height => _image.Height;

    /// <summary>Bytes of a row as it is read.</summary>
    public int RowBytes { get; }

    /// <summary>Most rows of one read.</summary>
    public int RowsAtOnce { get; }

    /// <summary>The last channel is alpha.</summary>
    public bool HasAlpha { get; }

    private bool IsRgba => _bands == 4 && !_isInk;

    /// <summary>Reads rows, as they are stored, each directly behind those of the last call.</summary>
    /// <exception cref="VipsException">The pixels cannot be decoded.</exception>
    public ReadOnlySpan<byte> Read(int top, int rowCount) =>
        _region.Fetch(0, top, Width, rowCount).AsSpan(0, rowCount * RowBytes);

    /// <summary>Converts one row that was read.</summary>
    /// <param name="row">Of <see cref="RowBytes"/>.</param>
    /// <param name="luma">Gets one value a pixel.</param>
    /// <param name="alpha">Gets one value a pixel; empty unless there is alpha.</param>
    public void Convert(ReadOnlySpan<byte> row, Span<float> luma, Span<byte> alpha)
    {
        ReadOnlySpan<byte> samples = row;
        if (_isWide)
        {
            Narrow(row);
            samples = _samples;
        }

        for (int i = 0, at = _bands - 1; i < alpha.Length; i++, at += _bands)
        {
            alpha[i] = samples[at];
        }

        if (_isInk)
        {
            InkToLight(samples);
            LumaConversion.FromRgb(_rgb, luma);
        }
        else if (IsRgba)
        {
            LumaConversion.FromRgba(samples, luma);
        }
        else if (_bands == 1)
        {
            LumaConversion.FromGrey(samples, luma);
        }
        else if (_bands == 3)
        {
            LumaConversion.FromRgb(samples, luma);
        }
        else if (_bands == 2)
        {
            Pack(samples, 1);
            LumaConversion.FromGrey(_rgb, luma);
        }
        else
        {
            Pack(samples, 3);
            LumaConversion.FromRgb(_rgb, luma);
        }
    }

    public void Dispose()
    {
        _region.Dispose();
        _image.Dispose();
    }

    private void Narrow(ReadOnlySpan<byte> row)
    {
        int high = BitConverter.IsLittleEndian ? 1 : 0;
        for (int i = 0; i < _samples.Length; i++)
        {
            _samples[i] = row[(2 * i) + high];
        }
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
                _rgb[(3 * i) + c] = (byte)(((product >> 8) + product) >> 8);
            }
        }
    }

    private void Pack(ReadOnlySpan<byte> samples, int channels)
    {
        for (int i = 0; i < Width; i++)
        {
            samples.Slice(i * _bands, channels).CopyTo(_rgb.AsSpan(i * channels));
        }
    }
}
