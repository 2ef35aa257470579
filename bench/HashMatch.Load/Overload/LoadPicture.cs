using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace HashMatch.Load.Overload;

/// <summary>A drawn PNG: waves with a little noise, the same for the same size.</summary>
internal static class LoadPicture
{
    private const byte UpFilter = 2;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Draws it, in grey.</summary>
    public static byte[] Draw(int width, int height)
    {
        using var pixels = new MemoryStream();
        using (var deflate = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] above = new byte[width];
            byte[] row = new byte[width + 1];
            row[0] = UpFilter;
            uint noise = 1;
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    noise = (noise * 1664525) + 1013904223;
                    double wave = Math.Sin(x * 0.013) + Math.Sin(y * 0.017) + Math.Sin((x + (2 * y)) * 0.005);
                    byte shade = (byte)(128 + (int)(wave * 40) + (noise >> 24 == 0 ? 1 : 0));
                    row[x + 1] = (byte)(shade - above[x]);
                    above[x] = shade;
                }

                deflate.Write(row);
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        using var file = new MemoryStream();
        file.Write(Signature);
        Chunk(file, "IHDR", header);
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
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        file.Write(number);
    }
}
