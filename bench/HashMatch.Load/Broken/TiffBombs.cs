using System.Buffers.Binary;

namespace HashMatch.Load.Broken;

/// <summary>TIFF files whose directories lie.</summary>
internal static class TiffBombs
{
    /// <summary>All of them.</summary>
    public static IEnumerable<BrokenImage> All()
    {
        yield return new("tiff directory that names itself as the next", Make(Picture(64, 64, 4096), next: 8));
        yield return new(
            "tiff directory with 65535 entries",
            Make([.. Picture(64, 64, 4096), .. Enumerable.Repeat((700, 1, 1, 0), 65_500)]));
        yield return new("tiff sub-directory that is its own parent", Make([.. Picture(64, 64, 4096), (330, 4, 1, 8)]));
        yield return new(
            "tiff exif directory that is its own parent", Make([.. Picture(64, 64, 4096), (34665, 4, 1, 8)]));
        yield return new("tiff strip of 4 GB", Make(Picture(64, 64, -1)));
        yield return new("tiff 9000 x 9000 of one strip", Make(Picture(9000, 9000, 4096)));
        yield return new("tiff a row a strip", Make(Picture(64, 30_000, 64)));
        yield return new("tiff of 2 billion strips", Make([.. Picture(64, 64, 4096)[..^2], (273, 4, int.MaxValue, 8)]));
        yield return new("tiff tiles of 16 x 16 in 30000 x 3000",
            Make([.. Picture(30_000, 3000, 4096), (322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 1, 8), (325, 4, 1, 256)]));
        yield return new("tiff of 65535 samples a pixel", Make([.. Picture(64, 64, 4096), (277, 3, 1, 65_535)]));
    }

    private static (int Tag, int Type, int Count, int Value)[] Picture(int width, int height, int bytes) =>
    [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (278, 4, 1, height),
        (273, 4, 1, 256), (279, 4, 1, bytes),
    ];

    private static byte[] Make((int Tag, int Type, int Count, int Value)[] entries, int next = 0)
    {
        byte[] file = new byte[10 + (12 * entries.Length) + 4 + 8192];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)entries.Length);
        int at = 10;
        foreach ((int tag, int type, int count, int value) in entries.OrderBy(entry => entry.Tag))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), (ushort)type);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 4), count);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 8), value);
            at += 12;
        }

        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), next);
        return file;
    }
}
