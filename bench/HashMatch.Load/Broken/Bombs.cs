using System.Buffers.Binary;
using HashMatch.Tests.Imaging;
using NetVips;

namespace HashMatch.Load.Broken;

/// <summary>Small files that ask for a lot: sizes, scans, frames, directories and deflated zeros.</summary>
internal static class Bombs
{
    private const int Large = 9990;

    /// <summary>All of them; made one by one.</summary>
    public static IEnumerable<BrokenImage> All() => Quick().Concat(Pngs()).Concat(Flat()).Concat(LongAnimations());

    /// <summary>Those that are made at once.</summary>
    public static IEnumerable<BrokenImage> Quick() =>
        Sizes().Concat(Jpegs()).Concat(Animations()).Concat(Boxes()).Concat(TiffBombs.All());

    private static IEnumerable<BrokenImage> Sizes()
    {
        foreach (int side in (int[])[0x3FFF, 9000, 2000])
        {
            yield return new($"jpeg {side}", CraftedFiles.ResizedJpeg(File("jpeg 95"), (ushort)side, (ushort)side));
            yield return new(
                $"jpeg progressive {side}",
                CraftedFiles.ResizedJpeg(File("jpeg progressive"), (ushort)side, (ushort)side));
            yield return new($"webp {side}", CraftedFiles.ResizedWebP(File("webp"), side, side));
            yield return new($"webp lossless {side}", CraftedFiles.ResizedWebP(File("webp lossless"), side, side));
            yield return new($"webp animated {side}", CraftedFiles.ResizedWebP(File("webp animated"), side, side));
            yield return new($"avif {side}", CraftedFiles.ResizedAvif(File("avif"), side, side));
            yield return new($"tiff {side}", CraftedFiles.BigEndianTiff(new byte[5000], side, side));
            byte[] gif = [.. File("gif animated")];
            BinaryPrimitives.WriteUInt16LittleEndian(gif.AsSpan(6), (ushort)side);
            BinaryPrimitives.WriteUInt16LittleEndian(gif.AsSpan(8), (ushort)side);
            yield return new($"gif {side}", gif);
        }
    }

    private static IEnumerable<BrokenImage> Pngs()
    {
        byte[] zeros = CraftedFiles.DeflatedZeros(256 * 1024 * 1024);
        yield return new("png with a profile of 256 MB", With(File("png"), "iCCP"u8, [.. "p\0\0"u8, .. zeros]));
        yield return new("png with a text of 256 MB", With(File("png"), "zTXt"u8, [.. "a\0\0"u8, .. zeros]));
        yield return new("png interlaced with a text of 256 MB",
            With(File("png interlaced"), "iTXt"u8, [.. "a\0\u0001\0\0\0"u8, .. zeros]));
        yield return new("png of zeros", CraftedFiles.Png(Large, Large, 8, 2, Large * ((3 * Large) + 1)));
        yield return new("png of 16 bits and zeros", CraftedFiles.Png(Large, Large, 16, 6, Large * ((8 * Large) + 1)));
        yield return new("png of 1 bit", CraftedFiles.Png(30_000, 3333, 1, 0, 3333 * 3751));
        yield return new("png with 1 GB behind its picture", CraftedFiles.Png(100, 100, 8, 0, 1024 * 1024 * 1024));
    }

    private static IEnumerable<BrokenImage> Jpegs()
    {
        byte[] progressive = File("jpeg progressive");
        foreach (int side in (int[])[120, 2000, 7000])
        {
            byte[] resized = CraftedFiles.ResizedJpeg(progressive, (ushort)side, (ushort)side);
            yield return new($"jpeg of 40 scans, {side}", CraftedFiles.ScanBomb(resized, 40));
            yield return new($"jpeg of 4000 scans, {side}", CraftedFiles.ScanBomb(resized, 4000));
        }

        byte[] jpeg = File("jpeg 95");
        byte[] comment = [0xFF, 0xFE, 0, 2];
        yield return new(
            "jpeg of a million comments",
            [.. jpeg[..2], .. Enumerable.Repeat(comment, 1_000_000).SelectMany(c => c), .. jpeg[2..]]);
        yield return new(
            "jpeg of fill bytes", [.. jpeg[..2], .. Enumerable.Repeat((byte)0xFF, 20_000_000), .. jpeg[2..]]);
        yield return new("jpeg with 20 MB behind it", [.. jpeg, .. new byte[20_000_000]]);
    }

    private static IEnumerable<BrokenImage> LongAnimations()
    {
        using Image many = Encodings.Animation(64, 1600, 1200);
        yield return new("gif of 64 frames of 2 MP", many.GifsaveBuffer(effort: 1));
        yield return new("webp of 64 frames of 2 MP", many.WebpsaveBuffer(q: 20, effort: 0));
    }

    private static IEnumerable<BrokenImage> Animations()
    {
        byte[] gif = File("gif animated");
        int frame = gif.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x21, 0xF9]);
        yield return new(
            "gif of many thousand frames",
            [.. gif[..frame], .. Enumerable.Repeat(gif[frame..^1], 9_999 / 3).SelectMany(f => f), 0x3B]);
        yield return new("gif whose codes never end", LzwBomb(5000, 5000));
        yield return new("gif of full size and no data", [.. LzwBomb(9000, 9000)[..60], 0, 0x3B]);
    }

    private static IEnumerable<BrokenImage> Boxes()
    {
        byte[] avif = File("avif");
        byte[] box = [0, 0, 0, 8, .. "free"u8];
        yield return new(
            "avif with a million boxes", [.. avif, .. Enumerable.Repeat(box, 1_000_000).SelectMany(b => b)]);
        byte[] nested = [.. avif];
        nested.AsSpan(nested.AsSpan().IndexOf("meta"u8) + 8, 400).Clear();
        yield return new("avif without its boxes", nested);
        foreach (string name in (string[])["iloc", "iprp", "ipco", "av1C", "iinf", "iref", "pitm", "ispe", "mdat"])
        {
            foreach (uint lie in (uint[])[0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF])
            {
                byte[] lying = [.. avif];
                int at = lying.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(name));
                if (at > 4)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(lying.AsSpan(at - 4), lie);
                    yield return new($"avif whose {name} says it has {lie} bytes", lying);
                }
            }
        }
    }

    // Blank pages of the most pixels, as every encoder makes them: right, and as slow as few bytes can be.
    private static IEnumerable<BrokenImage> Flat()
    {
        using Image page = (Image.Black(Large, Large, bands: 3) + 200).Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        yield return new("tiff of deflated nothing", page.TiffsaveBuffer(
            compression: Enums.ForeignTiffCompression.Deflate));
        yield return new("tiff of packed nothing", page.TiffsaveBuffer(
            compression: Enums.ForeignTiffCompression.Packbits));
        yield return new("tiff of nothing by LZW", page.TiffsaveBuffer(
            compression: Enums.ForeignTiffCompression.Lzw));
        yield return new("png of nothing, interlaced", page.PngsaveBuffer(interlace: true, compression: 1));
        yield return new("jpeg of nothing", page.JpegsaveBuffer());
        yield return new("jpeg of nothing, progressive", page.JpegsaveBuffer(interlace: true));
        yield return new("jpeg of nothing, in ink", page.Colourspace(Enums.Interpretation.Cmyk).JpegsaveBuffer());
        using Image grey = page.ExtractBand(0).Copy(interpretation: Enums.Interpretation.Bw);
        yield return new("gif of nothing", grey.GifsaveBuffer(effort: 1));
        yield return new("tiff fax of nothing", (grey > 100).TiffsaveBuffer(
            compression: Enums.ForeignTiffCompression.Ccittfax4, bitdepth: 1));
        yield return new("tiff of nothing in floats", grey.Cast(Enums.BandFormat.Float).TiffsaveBuffer(
            compression: Enums.ForeignTiffCompression.Deflate));
    }

    // Codes of 12 bits that add one pixel each and never clear the table.
    private static byte[] LzwBomb(ushort width, ushort height)
    {
        using var file = new MemoryStream();
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(size, width);
        BinaryPrimitives.WriteUInt16LittleEndian(size[2..], height);
        file.Write("GIF89a"u8);
        file.Write(size);
        file.Write([0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0]);
        file.Write(size);
        file.Write([0, 2]);
        var random = new Random(1);
        byte[] block = new byte[256];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(block);
            block[0] = 255;
            file.Write(block);
        }

        file.Write([0, 0x3B]);
        return file.ToArray();
    }

    private static byte[] File(string name) => Encodings.All[name].File;

    private static byte[] With(byte[] png, ReadOnlySpan<byte> name, byte[] body) =>
        CraftedFiles.WithChunk(png, name, body);
}
