using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace HashMatch.Tests.Imaging;

/// <summary>Files that no encoder writes: the other byte order, and headers that claim more than there is.</summary>
internal static class CraftedFiles
{
    /// <summary>An uncompressed RGB TIFF, most significant byte first.</summary>
    public static byte[] BigEndianTiff(byte[] rgb, int width, int height)
    {
        (int Tag, int Type, int Count, int Value)[] entries =
        [
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8), (259, 3, 1, 1 << 16), (262, 3, 1, 2 << 16),
            (273, 4, 1, 256), (277, 3, 1, 3 << 16), (278, 4, 1, height), (279, 4, 1, rgb.Length),
        ];
        byte[] file = new byte[256 + rgb.Length];
        "MM\0*"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), 16);
        for (int i = 0; i < 3; i++)
        {
            file[9 + (2 * i)] = 8;
        }

        BinaryPrimitives.WriteInt16BigEndian(file.AsSpan(16), (short)entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = file.AsSpan(18 + (12 * i));
            BinaryPrimitives.WriteInt16BigEndian(entry, (short)entries[i].Tag);
            BinaryPrimitives.WriteInt16BigEndian(entry[2..], (short)entries[i].Type);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], entries[i].Count);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], entries[i].Value);
        }

        rgb.CopyTo(file, 256);
        return file;
    }

    /// <summary>A PNG with a right header and so many zero bytes of image data.</summary>
    public static byte[] Png(int width, int height, byte depth, byte colour, int zeros)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, colour);
        Chunk(file, "IHDR"u8, header);
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(new byte[zeros]);
        }

        Chunk(file, "IDAT"u8, data.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Copies a PNG with a chunk put behind its header.</summary>
    public static byte[] WithChunk(byte[] png, ReadOnlySpan<byte> name, byte[] body)
    {
        using var file = new MemoryStream();
        file.Write(png.AsSpan(0, 33));
        Chunk(file, name, body);
        file.Write(png.AsSpan(33));
        return file.ToArray();
    }

    /// <summary>Zeros, deflated.</summary>
    public static byte[] DeflatedZeros(int count)
    {
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] block = new byte[64 * 1024];
            for (int left = count; left > 0; left -= block.Length)
            {
                deflate.Write(block, 0, Math.Min(left, block.Length));
            }
        }

        return data.ToArray();
    }

    /// <summary>Writes another size into a JPEG's frame header.</summary>
    public static byte[] ResizedJpeg(byte[] jpeg, ushort width, ushort height)
    {
        byte[] file = [.. jpeg];
        int at = FrameHeader(file);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(at + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(at + 7), width);
        return file;
    }

    /// <summary>Repeats the last scan of a progressive JPEG.</summary>
    public static byte[] ScanBomb(byte[] progressive, int copies)
    {
        int end = progressive.Length - 2;
        int scan = progressive.AsSpan(0, end).LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        using var file = new MemoryStream();
        file.Write(progressive.AsSpan(0, end));
        for (int i = 0; i < copies; i++)
        {
            file.Write(progressive.AsSpan(scan, end - scan));
        }

        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    /// <summary>Writes another canvas size into a WebP's first chunk.</summary>
    public static byte[] ResizedWebP(byte[] webp, int width, int height)
    {
        byte[] file = [.. webp];
        Span<byte> chunk = file.AsSpan(12);
        if (chunk.StartsWith("VP8X"u8))
        {
            BinaryPrimitives.WriteInt32LittleEndian(chunk[12..], width - 1);
            (chunk[15], chunk[16], chunk[17]) =
                ((byte)(height - 1), (byte)((height - 1) >> 8), (byte)((height - 1) >> 16));
        }
        else if (chunk.StartsWith("VP8L"u8))
        {
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(chunk[9..]) & 0xF000_0000;
            BinaryPrimitives.WriteUInt32LittleEndian(
                chunk[9..], flags | (uint)(width - 1) | ((uint)(height - 1) << 14));
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(chunk[14..], (ushort)width);
            BinaryPrimitives.WriteUInt16LittleEndian(chunk[16..], (ushort)height);
        }

        return file;
    }

    /// <summary>Writes another size into every size property of an AVIF.</summary>
    public static byte[] ResizedAvif(byte[] avif, int width, int height)
    {
        byte[] file = [.. avif];
        for (int at = 4; at < file.Length - 16; at++)
        {
            if (file.AsSpan(at, 4).SequenceEqual("ispe"u8))
            {
                BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at + 8), width);
                BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at + 12), height);
            }
        }

        return file;
    }

    private static int FrameHeader(byte[] jpeg)
    {
        for (int at = 2; ; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2)))
        {
            if (jpeg[at + 1] is 0xC0 or 0xC1 or 0xC2)
            {
                return at;
            }
        }
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> name, byte[] body)
    {
        byte[] chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        name.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(
            chunk.AsSpan(8 + body.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + body.Length)));
        file.Write(chunk);
    }
}
