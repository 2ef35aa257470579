using HashMatch.Pdq;

namespace HashMatch.Imaging.Vips;

/// <summary>One row on its way from libvips's bytes to a sink; zeroed when it is disposed.</summary>
/// <param name="shape">Of the picture.</param>
internal sealed class VipsRowBuffer(in PictureShape shape) : IDisposable
{
    private readonly float[] _luma = new float[shape.Width];
    private readonly byte[] _alpha = new byte[shape.HasAlpha ? shape.Width : 0];
    private readonly byte[] _grey = new byte[shape.HasAlpha ? shape.Width : 0];

    /// <summary>As many floats as the shape has columns.</summary>
    public ReadOnlySpan<float> Luma => _luma;

    /// <summary>As many bytes, or none.</summary>
    public ReadOnlySpan<byte> Alpha => _alpha;

    /// <summary>Takes a row; columns that it does not have are as its last.</summary>
    /// <param name="pixels">Interleaved.</param>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</param>
    public void Fill(ReadOnlySpan<byte> pixels, int channels)
    {
        int width = pixels.Length / channels;
        Span<float> luma = _luma.AsSpan(0, width);
        switch (channels)
        {
            case 1:
                LumaConversion.FromGrey(pixels, luma);
                break;
            case 2:
                Take(pixels, 2, 0, _grey);
                LumaConversion.FromGrey(_grey, luma);
                break;
            case 3:
                LumaConversion.FromRgb(pixels, luma);
                break;
            default:
                LumaConversion.FromRgba(pixels, luma);
                break;
        }

        _luma.AsSpan(width).Fill(luma[^1]);
        if (_alpha.Length > 0)
        {
            Take(pixels, channels, channels - 1, _alpha);
            _alpha.AsSpan(width).Fill(_alpha[width - 1]);
        }
    }

    public void Dispose()
    {
        Array.Clear(_luma);
        Array.Clear(_alpha);
        Array.Clear(_grey);
    }

    private static void Take(ReadOnlySpan<byte> pixels, int channels, int channel, Span<byte> bytes)
    {
        for (int from = channel, to = 0; from < pixels.Length; from += channels, to++)
        {
            bytes[to] = pixels[from];
        }
    }
}
