using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using NetVips;

namespace HashMatch.FaultTests.Memory;

/// <summary>Pictures of every format, full of 16-byte fragments that stand nowhere else, anew for each run.</summary>
internal sealed class MarkedPictures
{
    private const int Side = 256;

    private readonly byte[] _baggage = Random(16);
    private readonly byte[] _pixels = Random(16);
    private readonly byte[] _table = Random(16);

    /// <summary>What must not be found: the fragments, pixels as floats, and base64.</summary>
    public IReadOnlyDictionary<string, byte[]> Patterns => new Dictionary<string, byte[]>
    {
        ["baggage"] = _baggage,
        ["pixels"] = _pixels,
        ["palette"] = _table,
        ["luma"] = [.. _pixels.SelectMany(pixel => BitConverter.GetBytes((float)pixel))],
        ["base64"] = [.. System.Text.Encoding.ASCII.GetBytes(
            Convert.ToBase64String([.. _baggage, .. _baggage, .. _baggage]))[..24]],
    };

    /// <summary>The fragment of what is no pixel, so many times.</summary>
    public byte[] Baggage(int bytes) => Fill(_baggage, bytes);

    /// <summary>One file of each kind, by its name.</summary>
    public IReadOnlyDictionary<string, byte[]> All()
    {
        byte[] grey = Fill(_pixels, Side * Side);
        using Image stripes = Image.NewFromMemory(grey, Side, Side, 1, Enums.BandFormat.Uchar);
        using Image scene = Scene();
        byte[] jpeg = scene.JpegsaveBuffer(q: 90);
        var all = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["png, stored"] = Png(grey, 0, 8, interlaced: false),
            ["png, palette"] = Png(grey, 3, 8, interlaced: false),
            ["png, interlaced"] = Png(grey, 0, 8, interlaced: true),
            ["png, 16 bits"] = Png(Fill(_pixels, 2 * Side * Side), 0, 16, interlaced: false),
            ["tiff, stored"] = [.. stripes.TiffsaveBuffer(), .. Baggage(5000)],
            ["tiff, deflate"] = [.. stripes.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Deflate),
                .. Baggage(64)],
            ["gif"] = Gif(stripes.GifsaveBuffer()),
            ["gif, animated"] = Gif(Animation().GifsaveBuffer()),
            ["webp"] = Riff(scene.WebpsaveBuffer()),
            ["webp, lossless"] = Riff(stripes.WebpsaveBuffer(lossless: true)),
            ["webp, animated"] = Riff(Animation().WebpsaveBuffer()),
            ["avif"] = Avif(scene),
            ["jpeg"] = Jpeg(jpeg, isStructured: false),
            ["jpeg, exif"] = Jpeg(jpeg, isStructured: true),
            ["jpeg, progressive"] = Jpeg(scene.JpegsaveBuffer(q: 90, interlace: true), isStructured: true),
            ["jpeg, stripes"] = Jpeg(stripes.JpegsaveBuffer(q: 100), isStructured: false),
            ["jpeg, cmyk"] = Jpeg(
                scene.Colourspace(Enums.Interpretation.Cmyk).JpegsaveBuffer(), isStructured: false),
            ["no picture"] = Baggage(40_000),
            ["png, flat"] = [.. Png(new byte[Side * Side], 0, 8, interlaced: false), .. Baggage(9000)],
        };
        return all;
    }

    /// <summary>A file and what else becomes of it: cut off, broken.</summary>
    public IEnumerable<byte[]> WithFaults(byte[] file)
    {
        yield return file;
        yield return file[..(file.Length * 2 / 3)];
        byte[] broken = [.. file];
        Baggage(64).CopyTo(broken, file.Length / 2);
        yield return broken;
    }

    private static byte[] Random(int bytes)
    {
        byte[] random = new byte[bytes];
        System.Security.Cryptography.RandomNumberGenerator.Fill(random);
        return random;
    }

    private static byte[] Fill(byte[] fragment, int bytes)
    {
        byte[] filled = new byte[bytes];
        for (int at = 0; at < bytes; at += fragment.Length)
        {
            fragment.AsSpan(0, Math.Min(fragment.Length, bytes - at)).CopyTo(filled.AsSpan(at));
        }

        return filled;
    }

    // Of noise this fine the quality is never below what a match needs.
    private static Image Scene()
    {
        using Image noise = Image.Perlin(Side, Side, cellSize: 16, uchar: true);
        using Image other = Image.Perlin(Side, Side, cellSize: 32, uchar: true);
        return noise.Bandjoin(other, noise.Invert()).Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static Image Animation()
    {
        using Image one = Scene();
        using Image two = one.Invert();
        using Image joined = Image.Arrayjoin([one, two], across: 1);
        return joined.Mutate(m => m.Set(GValue.GIntType, "page-height", Side));
    }

    private byte[] Png(byte[] rows, byte colour, byte depth, bool interlaced)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Side);
        (header[8], header[9], header[12]) = (depth, colour, interlaced ? (byte)1 : (byte)0);
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.NoCompression, leaveOpen: true))
        {
            int rowBytes = rows.Length / Side;
            foreach ((int width, int height) in interlaced ? Passes() : [(Side, Side)])
            {
                for (int y = 0; y < height; y++)
                {
                    deflate.WriteByte(0);
                    deflate.Write(rows, 0, width * rowBytes / Side);
                }
            }
        }

        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        Chunk(file, "IHDR"u8, header);
        if (colour == 3)
        {
            Chunk(file, "PLTE"u8, Fill(_table, 768));
            Chunk(file, "tRNS"u8, Fill(_table, 256));
        }

        Chunk(file, "tEXt"u8, [.. "Comment\0"u8, .. Baggage(6000)]);
        Chunk(file, "eXIf"u8, Baggage(1000));
        Chunk(file, "IDAT"u8, data.ToArray());
        Chunk(file, "IEND"u8, []);
        file.Write(Baggage(3000));
        return file.ToArray();
    }

    // Adam7.
    private static (int Width, int Height)[] Passes() =>
        [(32, 32), (32, 32), (64, 32), (64, 64), (128, 64), (128, 128), (256, 128)];

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> name, byte[] body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        file.Write(number);
        file.Write(name);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32([.. name, .. body]));
        file.Write(number);
    }

    private byte[] Jpeg(byte[] jpeg, bool isStructured)
    {
        using var file = new MemoryStream();
        file.Write(jpeg.AsSpan(0, 2));
        Segment(file, 0xFE, Baggage(5000));
        if (isStructured)
        {
            Segment(file, 0xE1, [.. "Exif\0\0II*\0\u0008\0\0\0\0\0"u8, .. Baggage(4000)]);
        }

        Segment(file, 0xED, Baggage(20_000));
        file.Write(jpeg.AsSpan(2));
        file.Write(Baggage(2000));
        return file.ToArray();
    }

    private static void Segment(MemoryStream file, byte marker, byte[] body)
    {
        file.Write([0xFF, marker, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2)]);
        file.Write(body);
    }

    // A comment extension before the trailer, and bytes behind it.
    private byte[] Gif(byte[] gif)
    {
        using var file = new MemoryStream();
        file.Write(gif.AsSpan(0, gif.Length - 1));
        file.Write([0x21, 0xFE]);
        for (int i = 0; i < 10; i++)
        {
            file.WriteByte(240);
            file.Write(Baggage(240));
        }

        file.Write([0, 0x3B]);
        file.Write(Baggage(1000));
        return file.ToArray();
    }

    private byte[] Riff(byte[] webp)
    {
        using var file = new MemoryStream();
        file.Write(webp);
        file.Write("EXIF"u8);
        file.Write(BitConverter.GetBytes(5000));
        file.Write(Baggage(5000));
        byte[] all = file.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(all.AsSpan(4), all.Length - 8);
        return [.. all, .. Baggage(512)];
    }

    private byte[] Avif(Image image)
    {
        byte[] avif = image.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, effort: 0);
        byte[] box = Baggage(5000);
        BinaryPrimitives.WriteInt32BigEndian(box, box.Length);
        "free"u8.CopyTo(box.AsSpan(4));
        return [.. avif, .. box];
    }
}
