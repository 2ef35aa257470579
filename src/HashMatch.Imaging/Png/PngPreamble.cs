using System.Buffers.Binary;

namespace HashMatch.Imaging.Png;

/// <summary>
/// What a PNG says before its image data: size, colour type, palette, transparency (W3C PNG, section 11). Takes what
/// libpng takes: checksums are not looked at, a tRNS of a wrong length is skipped, a PLTE that no pixel needs is too.
/// </summary>
internal sealed class PngPreamble
{
    public const int SignatureLength = 8;
    public const int HeaderLength = 13;

    private const int MaxPaletteEntries = 256;

    private int _paletteEntries;

    private PngPreamble(int width, int height, int depth, PngColour colour)
    {
        Width = width;
        Height = height;
        Depth = depth;
        Colour = colour;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Bits of a sample: 1, 2, 4 or 8.</summary>
    public int Depth { get; }

    public PngColour Colour { get; }

    /// <summary>Samples of a pixel, 1 to 4.</summary>
    public int Channels => Colour switch
    {
        PngColour.Rgb => 3,
        PngColour.GreyAlpha => 2,
        PngColour.Rgba => 4,
        _ => 1,
    };

    /// <summary>Bytes of one row, without the byte of its filter; the last may be filled in part.</summary>
    public int RowBytes => (int)((((long)Width * Channels * Depth) + 7) / 8);

    /// <summary>Where in the file up to 256 entries of red, green and blue lie; empty without a palette.</summary>
    public Range Palette { get; private set; }

    /// <summary>Where tRNS lies: an alpha for each of the first palette entries, or the samples of the one clear
    /// colour, two bytes each; empty when all is opaque.</summary>
    public Range Transparency { get; private set; }

    /// <summary>There is a tRNS that holds.</summary>
    public bool HasTransparency => !Transparency.Equals(default);

    /// <summary>Where the first chunk of image data begins.</summary>
    public int DataStart { get; private set; }

    /// <summary>Reads IHDR alone; null unless it names a picture that <see cref="PngDecoder"/> decodes.</summary>
    public static PngPreamble? ReadHeader(ReadOnlySpan<byte> image)
    {
        if (!image.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            || PngChunk.Read(image, SignatureLength, out PngChunk chunk) != PngChunkStatus.Found
            || chunk.Name != PngChunk.Header
            || chunk.Length != HeaderLength
            || image.Length < chunk.Next)
        {
            return null;
        }

        ReadOnlySpan<byte> header = image.Slice(chunk.Start, HeaderLength);
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        bool known = (header[9], header[8]) is
            (0 or 3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8);

        // The last three bytes are the methods of compression, filtering and interlacing; 0 is the only one here. A
        // row of four bytes a pixel must be countable.
        return known && width is > 0 and < int.MaxValue / 4 && height is > 0 and <= int.MaxValue
            && header[10] == 0 && header[11] == 0 && header[12] == 0
            ? new PngPreamble((int)width, (int)height, header[8], (PngColour)header[9])
            : null;
    }

    /// <summary>Reads all chunks up to the first of image data.</summary>
    /// <returns>Ok, Truncated or Corrupt.</returns>
    public CodecResult ReadChunks(ReadOnlySpan<byte> image)
    {
        long at = SignatureLength + PngChunk.HeadLength + HeaderLength + PngChunk.TailLength;
        while (true)
        {
            PngChunkStatus status = PngChunk.Read(image, at, out PngChunk chunk);
            if (status != PngChunkStatus.Found)
            {
                return status == PngChunkStatus.Missing ? EndsEarly : Corrupt("A chunk of the PNG is no chunk.");
            }

            if (chunk.Name == PngChunk.Data)
            {
                DataStart = (int)at;
                return Colour == PngColour.Palette && Palette.Equals(default)
                    ? Corrupt("The PNG has no palette before its pixels.")
                    : CodecResult.Ok;
            }

            if (chunk.Next > image.Length)
            {
                return EndsEarly;
            }

            if (Take(chunk) is string problem)
            {
                return Corrupt(problem);
            }

            at = chunk.Next;
        }
    }

    private static CodecResult EndsEarly => new(DecodeStatus.Truncated, "The PNG ends before its pixels.");

    private static CodecResult Corrupt(string detail) => new(DecodeStatus.Corrupt, detail);

    private string? Take(PngChunk chunk)
    {
        switch (chunk.Name)
        {
            case PngChunk.Palette:
                return TakePalette(chunk);
            case PngChunk.Transparency:
                TakeTransparency(chunk);
                return null;
            case PngChunk.Header:
                return "The PNG has two headers.";
            case PngChunk.End:
                return "The PNG ends without pixels.";
            default:
                return chunk.IsCritical ? "The PNG has a critical chunk that is not known." : null;
        }
    }

    private string? TakePalette(PngChunk chunk)
    {
        if (Colour is PngColour.Grey or PngColour.GreyAlpha)
        {
            return null;
        }

        if (chunk.Length == 0)
        {
            return "The PNG's palette is empty.";
        }

        if (Colour != PngColour.Palette)
        {
            return null;
        }

        if (!Palette.Equals(default) || chunk.Length % 3 != 0 || chunk.Length > 3 * MaxPaletteEntries)
        {
            return "The PNG's palette breaks the format's rules.";
        }

        // Entries that no index of the depth can name are dropped before tRNS is held against their number.
        _paletteEntries = Math.Min(chunk.Length / 3, 1 << Depth);
        Palette = chunk.Start..(chunk.Start + (3 * _paletteEntries));
        return null;
    }

    private void TakeTransparency(PngChunk chunk)
    {
        bool fits = Colour switch
        {
            PngColour.Grey => chunk.Length == 2,
            PngColour.Rgb => chunk.Length == 6,
            PngColour.Palette => chunk.Length > 0 && chunk.Length <= _paletteEntries,
            _ => false,
        };
        if (fits && !HasTransparency)
        {
            Transparency = chunk.Start..(chunk.Start + chunk.Length);
        }
    }
}
