using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace HashMatch.Tests.Imaging;

/// <summary>Writes PNG files that encoders would not: any filter a row, any chunks, any mistake.</summary>
internal sealed class PngFile
{
    private readonly List<(string Name, byte[] Body, bool IsBroken)> _chunks = [];

    /// <summary>A file with its header alone.</summary>
    public PngFile(int width, int height, byte depth, byte colour, byte interlace = 0)
    {
        (Width, Height, Depth, Colour) = (width, height, depth, colour);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, colour, interlace);
        Add("IHDR", header);
    }

    public int Width { get; }

    public int Height { get; }

    public byte Depth { get; }

    public byte Colour { get; }

    public int PixelBits => Depth * (Colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 });

    public int RowBytes => ((Width * PixelBits) + 7) / 8;

    /// <summary>Adds a chunk, perhaps with a wrong checksum.</summary>
    public PngFile Add(string name, byte[] body, bool isBroken = false)
    {
        _chunks.Add((name, body, isBroken));
        return this;
    }

    /// <summary>Adds compressed data in chunks of a size.</summary>
    public PngFile AddData(byte[] data, int chunkBytes = int.MaxValue)
    {
        for (int at = 0; at < data.Length; at += Math.Min(chunkBytes, data.Length - at))
        {
            Add("IDAT", data[at..(at + Math.Min(chunkBytes, data.Length - at))]);
        }

        return this;
    }

    /// <summary>The file, and IEND unless it is left out.</summary>
    public byte[] ToArray(bool hasEnd = true)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        foreach ((string name, byte[] body, bool isBroken) in hasEnd ? [.. _chunks, ("IEND", [], false)] : _chunks)
        {
            byte[] chunk = new byte[body.Length + 12];
            BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
            System.Text.Encoding.Latin1.GetBytes(name, chunk.AsSpan(4));
            body.CopyTo(chunk, 8);
            uint sum = Crc32.HashToUInt32(chunk.AsSpan(4, 4 + body.Length));
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), isBroken ? ~sum : sum);
            file.Write(chunk);
        }

        return file.ToArray();
    }

    /// <summary>Rows with a filter byte each, as they are compressed.</summary>
    /// <param name="pixels">Rows without filter bytes.</param>
    /// <param name="filterOf">The filter of a row, 0 to 4.</param>
    public byte[] Filter(byte[] pixels, Func<int, int> filterOf)
    {
        int rowBytes = RowBytes;
        int pixelBytes = Math.Max(1, PixelBits / 8);
        byte[] lines = new byte[Height * (rowBytes + 1)];
        for (int y = 0; y < Height; y++)
        {
            int filter = filterOf(y);
            Span<byte> line = lines.AsSpan(y * (rowBytes + 1), rowBytes + 1);
            line[0] = (byte)filter;
            for (int i = 0; i < rowBytes; i++)
            {
                int at = (y * rowBytes) + i;
                int a = i >= pixelBytes ? pixels[at - pixelBytes] : 0;
                int b = y > 0 ? pixels[at - rowBytes] : 0;
                int c = i >= pixelBytes && y > 0 ? pixels[at - rowBytes - pixelBytes] : 0;
                line[i + 1] = (byte)(pixels[at] - Predict(filter, a, b, c));
            }
        }

        return lines;
    }

    public static byte[] Deflate(byte[] lines, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, level, leaveOpen: true))
        {
            deflate.Write(lines);
        }

        return data.ToArray();
    }

    /// <summary>What a filter predicts, to the letter of W3C PNG, section 9.2.</summary>
    private static int Predict(int filter, int a, int b, int c)
    {
        int p = a + b - c;
        (int pa, int pb, int pc) = (Math.Abs(p - a), Math.Abs(p - b), Math.Abs(p - c));
        return filter switch
        {
            1 => a,
            2 => b,
            3 => (a + b) / 2,
            4 => pa <= pb && pa <= pc ? a : pb <= pc ? b : c,
            _ => 0,
        };
    }
}
