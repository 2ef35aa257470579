using System.Buffers.Binary;

namespace HashMatch.Load.Broken;

/// <summary>Ways to break a file that was right.</summary>
internal static class Mutations
{
    private static readonly uint[] Lies =
        [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF];

    /// <summary>Breaks a copy, in one to three ways.</summary>
    /// <param name="file">Over 16 bytes.</param>
    /// <param name="other">Another file of that format, to take parts of.</param>
    /// <param name="random">Chooses.</param>
    public static byte[] Break(byte[] file, byte[] other, Random random)
    {
        byte[] broken = [.. file];
        for (int ways = random.Next(1, 4); ways > 0 && broken.Length > 16; ways--)
        {
            broken = Once(broken, other, random);
        }

        return broken;
    }

    private static byte[] Once(byte[] file, byte[] other, Random random)
    {
        switch (random.Next(10))
        {
            case 0:
                return file[..random.Next(4, file.Length)];
            case 1:
                Flip(file, file.Length, random.Next(1, 16), random);
                return file;
            case 2:
                Flip(file, Math.Min(200, file.Length), random.Next(1, 4), random);
                return file;
            case 3:
                Set(file, Math.Min(700, file.Length), random.Next(1, 6), random);
                return file;
            case 4:
                Lie(file, Math.Min(1000, file.Length), random);
                return file;
            case 5:
                Lie(file, file.Length, random);
                return file;
            case 6:
                return Swap(file, random);
            case 7:
                return Repeat(file, random);
            case 8:
                int from = random.Next(4, Math.Min(file.Length, other.Length));
                return [.. file[..from], .. other[from..]];
            default:
                int start = random.Next(4, file.Length);
                int length = Math.Min(random.Next(1, 1000), file.Length - start);
                file.AsSpan(start, length).Fill(random.Next(2) == 0 ? (byte)0 : byte.MaxValue);
                return file;
        }
    }

    private static void Flip(byte[] file, int within, int count, Random random)
    {
        for (int i = 0; i < count; i++)
        {
            file[random.Next(within)] ^= (byte)(1 << random.Next(8));
        }
    }

    private static void Set(byte[] file, int within, int count, Random random)
    {
        for (int i = 0; i < count; i++)
        {
            file[random.Next(within)] = (byte)random.Next(256);
        }
    }

    // A length, an offset or a size, in either byte order.
    private static void Lie(byte[] file, int within, Random random)
    {
        uint lie = Lies[random.Next(Lies.Length)];
        Span<byte> at = file.AsSpan(random.Next(4, Math.Max(5, within - 4)));
        if (at.Length < 4)
        {
            return;
        }

        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)lie);
                break;
            case 1:
                BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)lie);
                break;
            case 2:
                BinaryPrimitives.WriteUInt32BigEndian(at, lie);
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(at, lie);
                break;
        }
    }

    private static byte[] Swap(byte[] file, Random random)
    {
        int[] cuts = [random.Next(4, file.Length), random.Next(4, file.Length), random.Next(4, file.Length)];
        Array.Sort(cuts);
        return [.. file[..cuts[0]], .. file[cuts[1]..cuts[2]], .. file[cuts[0]..cuts[1]], .. file[cuts[2]..]];
    }

    private static byte[] Repeat(byte[] file, Random random)
    {
        int from = random.Next(4, file.Length);
        byte[] part = file[from..Math.Min(file.Length, from + random.Next(1, 4000))];
        return [.. file[..from], .. Enumerable.Repeat(part, random.Next(2, 20)).SelectMany(p => p), .. file[from..]];
    }
}
