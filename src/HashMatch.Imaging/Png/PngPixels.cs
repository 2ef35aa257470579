using System.Buffers.Binary;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Png;

/// <summary>
/// Unfiltered rows to luma and alpha; owns one row of each, zeroed when it is over. Luma is what the reference makes of
/// the picture as 8-bit RGB: samples of fewer bits are spread over 0 to 255, palettes are resolved, and a palette index
/// without an entry is black.
/// </summary>
internal sealed class PngPixels : IDisposable
{
    private readonly PngPreamble _preamble;
    private readonly float[] _luma;
    private readonly byte[] _alpha;
    private readonly byte[] _grey;
    private readonly float[] _lumaOf;
    private readonly byte[] _alphaOf;
    private readonly ulong[] _unpacked;
    private readonly int _key;

    public PngPixels(PngPreamble preamble, ReadOnlySpan<byte> image)
    {
        _preamble = preamble;
        int width = preamble.Width;
        HasAlpha = preamble.Colour is PngColour.GreyAlpha or PngColour.Rgba || preamble.HasTransparency;
        _luma = ScrubbedArrays<float>.Rent(width);
        _alpha = HasAlpha ? ScrubbedArrays<byte>.Rent(width) : [];
        bool isUnpacked = preamble.Colour == PngColour.GreyAlpha || preamble.Depth < 8;
        _grey = isUnpacked ? ScrubbedArrays<byte>.Rent(width + sizeof(ulong)) : [];
        _unpacked = preamble.Depth < 8 ? Unpacked(preamble.Depth) : [];
        _lumaOf = LumaOfSamples(preamble, image[preamble.Palette]);
        _alphaOf = AlphaOfSamples(preamble, image[preamble.Transparency]);
        _key = preamble.Colour == PngColour.Rgb && HasAlpha ? Key(image[preamble.Transparency]) : -1;
    }

    /// <summary>Whether rows have alpha: a channel of it, or a tRNS that holds.</summary>
    public bool HasAlpha { get; }

    /// <summary>The last row's luma, 0 to 255.</summary>
    public ReadOnlySpan<float> Luma => _luma.AsSpan(0, _preamble.Width);

    /// <summary>The last row's alpha; empty without.</summary>
    public ReadOnlySpan<byte> Alpha => HasAlpha ? _alpha.AsSpan(0, _preamble.Width) : [];

    /// <summary>Takes the bytes of a row.</summary>
    public void Take(ReadOnlySpan<byte> row)
    {
        Span<float> luma = _luma.AsSpan(0, _preamble.Width);
        Span<byte> alpha = HasAlpha ? _alpha.AsSpan(0, _preamble.Width) : [];
        switch (_preamble.Colour)
        {
            case PngColour.Rgb:
                LumaConversion.FromRgb(row, luma);
                if (HasAlpha)
                {
                    AlphaRow.FromKey(row, _key, alpha);
                }

                break;
            case PngColour.Rgba:
                LumaConversion.FromRgba(row, luma);
                AlphaRow.FromRgba(row, alpha);
                break;
            case PngColour.GreyAlpha:
                Span<byte> grey = _grey.AsSpan(0, luma.Length);
                AlphaRow.FromGreyAlpha(row, grey, alpha);
                LumaConversion.FromGrey(grey, luma);
                break;
            default:
                TakeSamples(_preamble.Depth < 8 ? Unpack(row) : row, luma, alpha);
                break;
        }
    }

    public void Dispose()
    {
        ScrubbedArrays<float>.Return(_luma);
        ScrubbedArrays<byte>.Return(_alpha);
        ScrubbedArrays<byte>.Return(_grey);
        ScrubbedArrays<float>.Return(_lumaOf);
        ScrubbedArrays<byte>.Return(_alphaOf);
    }

    private static int Key(ReadOnlySpan<byte> transparency) =>
        transparency[1] | (transparency[3] << 8) | (transparency[5] << 16);

    private static float[] LumaOfSamples(PngPreamble preamble, ReadOnlySpan<byte> palette)
    {
        if (preamble.Colour is not (PngColour.Palette or PngColour.Grey))
        {
            return [];
        }

        float[] luma = ScrubbedArrays<float>.Rent(256);
        luma.AsSpan().Clear();
        if (preamble.Colour == PngColour.Palette)
        {
            LumaConversion.FromRgb(palette, luma.AsSpan(0, palette.Length / 3));
            return luma;
        }

        int highest = (1 << preamble.Depth) - 1;
        for (int sample = 0; sample <= highest; sample++)
        {
            luma[sample] = sample * byte.MaxValue / highest;
        }

        return luma;
    }

    private static byte[] AlphaOfSamples(PngPreamble preamble, ReadOnlySpan<byte> transparency)
    {
        if (preamble.Colour is not (PngColour.Palette or PngColour.Grey) || transparency.IsEmpty)
        {
            return [];
        }

        byte[] alpha = ScrubbedArrays<byte>.Rent(256);
        alpha.AsSpan().Fill(byte.MaxValue);
        if (preamble.Colour == PngColour.Palette)
        {
            transparency.CopyTo(alpha);
        }
        else
        {
            // Bits above the depth are not looked at.
            int clear = BinaryPrimitives.ReadUInt16BigEndian(transparency) & ((1 << preamble.Depth) - 1);
            alpha[clear] = 0;
        }

        return alpha;
    }

    private void TakeSamples(ReadOnlySpan<byte> samples, Span<float> luma, Span<byte> alpha)
    {
        if (_preamble is { Colour: PngColour.Grey, Depth: 8 })
        {
            LumaConversion.FromGrey(samples, luma);
        }
        else
        {
            ReadOnlySpan<float> lumaOf = _lumaOf.AsSpan(0, 256);
            samples = samples[..luma.Length];
            for (int x = 0; x < samples.Length; x++)
            {
                luma[x] = lumaOf[samples[x]];
            }
        }

        if (HasAlpha)
        {
            ReadOnlySpan<byte> alphaOf = _alphaOf.AsSpan(0, 256);
            samples = samples[..alpha.Length];
            for (int x = 0; x < samples.Length; x++)
            {
                alpha[x] = alphaOf[samples[x]];
            }
        }
    }

    // Eight bytes are written for the two, four or eight samples of one; those too many are written over.
    private ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> row)
    {
        int perByte = 8 / _preamble.Depth;
        Span<byte> samples = _grey;
        int x = 0;
        foreach (byte packed in row)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(samples[x..], _unpacked[packed]);
            x += perByte;
        }

        return samples[.._preamble.Width];
    }

    // The samples of every byte, the leftmost, which is in its top bits, in the lowest.
    private static ulong[] Unpacked(int depth)
    {
        ulong[] unpacked = new ulong[256];
        for (int packed = 0; packed < unpacked.Length; packed++)
        {
            for (int i = 0; i < 8 / depth; i++)
            {
                ulong sample = (ulong)(packed >> (8 - depth - (i * depth))) & ((1UL << depth) - 1);
                unpacked[packed] |= sample << (8 * i);
            }
        }

        return unpacked;
    }
}
