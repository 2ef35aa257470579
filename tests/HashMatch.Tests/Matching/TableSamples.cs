using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Tests.Matching;

/// <summary>Rows of every kind that a table may meet, and what brute force says of them.</summary>
internal static class TableSamples
{
    /// <summary>Which kernels can run here.</summary>
    public static IEnumerable<VectorWidth> Widths { get; } =
    [
        VectorWidth.Scalar,
        .. Vector128.IsHardwareAccelerated ? [VectorWidth.Vector128] : Array.Empty<VectorWidth>(),
        .. Avx2.IsSupported ? [VectorWidth.Vector256] : Array.Empty<VectorWidth>(),
        .. Avx512BW.IsSupported ? [VectorWidth.Vector512] : Array.Empty<VectorWidth>(),
    ];

    /// <summary>Uniform, balanced, in clusters, many times the same, all equal, equal in most words, or few.</summary>
    public static HashValue[] Rows(Random random, int count)
    {
        HashValue[] centres = [.. Enumerable.Range(0, 3).Select(_ => Uniform(random))];
        int kind = random.Next(7);
        return [.. Enumerable.Range(0, count).Select(i => kind switch
        {
            0 => Uniform(random),
            1 => Balanced(random),
            2 => Near(random, centres[random.Next(3)], random.Next(80)),
            3 => centres[random.Next(3)],
            4 => centres[0],
            5 => centres[0] with { B = (ulong)random.NextInt64() },
            _ => random.Next(2) == 0 ? Near(random, centres[0], random.Next(40)) : Uniform(random),
        })];
    }

    /// <summary>A row, something near one, or unrelated.</summary>
    public static HashValue Query(Random random, HashValue[] rows, int maxDistance) =>
        rows.Length == 0 || random.Next(4) == 0
            ? Uniform(random)
            : Near(random, rows[random.Next(rows.Length)], Math.Min(256, random.Next(maxDistance + 3)));

    public static HashValue Uniform(Random random)
    {
        Span<byte> bytes = stackalloc byte[32];
        random.NextBytes(bytes);
        return HashValue.Read(bytes);
    }

    /// <summary>A value that differs from another in so many bits.</summary>
    public static HashValue Near(Random random, HashValue value, int distance)
    {
        HashValue flips = Bits(random, distance);
        return new HashValue(value.A ^ flips.A, value.B ^ flips.B, value.C ^ flips.C, value.D ^ flips.D);
    }

    /// <summary>As a picture's hash is: 128 bits are set.</summary>
    public static HashValue Balanced(Random random) => Bits(random, 128);

    public static HashRows ToNative(HashValue[] rows)
    {
        HashRows native = new(rows.Length);
        foreach (HashValue row in rows)
        {
            native.Add(row);
        }

        return native;
    }

    public static int Distance(in HashValue a, in HashValue b) =>
        BitOperations.PopCount(a.A ^ b.A) + BitOperations.PopCount(a.B ^ b.B)
        + BitOperations.PopCount(a.C ^ b.C) + BitOperations.PopCount(a.D ^ b.D);

    /// <summary>What is near, in order of rows.</summary>
    public static List<NearRow> Expected(HashValue[] rows, HashValue query, int maxDistance) =>
    [
        .. rows.Select((row, i) => new NearRow(i, Distance(row, query))).Where(near => near.Distance <= maxDistance),
    ];

    private static HashValue Bits(Random random, int count)
    {
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        Span<byte> places = stackalloc byte[256];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = (byte)i;
        }

        random.Shuffle(places);
        foreach (byte place in places[..count])
        {
            words[place / 64] |= 1ul << (place % 64);
        }

        return new HashValue(words[0], words[1], words[2], words[3]);
    }
}
