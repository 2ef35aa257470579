using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Small PNG files that the tests draw themselves: blocks of grey that hash far from one another.</summary>
internal static class DrawnPicture
{
    private const int Side = 256;
    private const int Blocks = 8;

    /// <summary>A picture of random blocks; the same for the same seed.</summary>
    /// <param name="seed">Chooses the blocks.</param>
    /// <param name="text">Put into a text chunk, where no pixel sees it; null for none.</param>
    public static byte[] Draw(int seed, byte[]? text = null)
    {
        var random = new Random(seed);
        byte[] blocks = new byte[Blocks * Blocks];
        random.NextBytes(blocks);
        return Png(Side, Side, (x, y) => blocks[(y * Blocks / Side * Blocks) + (x * Blocks / Side)], text);
    }

    /// <summary>A picture of <see cref="Draw"/> with another one laid over it, from 0 (not seen) to 1.</summary>
    public static byte[] Blend(int seed, int other, double amount)
    {
        byte[] under = new byte[Blocks * Blocks];
        new Random(seed).NextBytes(under);
        byte[] over = new byte[Blocks * Blocks];
        new Random(other).NextBytes(over);
        byte[] blocks = [.. under.Zip(over, (u, o) => (byte)((u * (1 - amount)) + (o * amount)))];
        return Png(Side, Side, (x, y) => blocks[(y * Blocks / Side * Blocks) + (x * Blocks / Side)], text: null);
    }

    /// <summary>A picture of <see cref="Draw"/> with white above and below it.</summary>
    public static byte[] Letterboxed(int seed)
    {
        var random = new Random(seed);
        byte[] blocks = new byte[Blocks * Blocks];
        random.NextBytes(blocks);
        const int bar = Side / 3;
        return Png(
            Side,
            Side + (2 * bar),
            (x, y) => y < bar || y >= Side + bar
                ? byte.MaxValue
                : blocks[((y - bar) * Blocks / Side * Blocks) + (x * Blocks / Side)],
            text: null);
    }

    /// <summary>One shade of grey all over.</summary>
    public static byte[] Flat(int width, int height) => Png(width, height, (_, _) => 128, text: null);

    /// <summary>A header that claims a size, with next to nothing behind it.</summary>
    public static byte[] Claims(int width, int height) => Png(width, height, (_, _) => 0, text: null, rows: 1);

    private static byte[] Png(int width, int height, Func<int, int, byte> shade, byte[]? text, int? rows = null)
    {
        using var pixels = new MemoryStream();
        using (var deflate = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] row = new byte[width + 1];
            for (int y = 0; y < (rows ?? height); y++)
            {
                for (int x = 0; x < width; x++)
                {
                    row[x + 1] = shade(x, y);
                }

                deflate.Write(row);
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        Chunk(file, "IHDR", header);
        if (text is not null)
        {
            Chunk(file, "tEXt", [.. "Comment\0"u8, .. text]);
        }

        Chunk(file, "IDAT", pixels.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
