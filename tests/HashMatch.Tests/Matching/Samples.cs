using System.Numerics;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Tests.Matching;

/// <summary>Random values and entries that the guard lets pass.</summary>
internal static class Samples
{
    /// <summary>A value of a type; PDQ hashes have exactly 128 bits set, as those of pictures do.</summary>
    public static HashValue Value(Random random, HashType type)
    {
        if (type == HashType.Pdq)
        {
            return Balanced(random);
        }

        Span<byte> bytes = stackalloc byte[HashValue.ByteCount(type)];
        random.NextBytes(bytes);
        return HashValue.Read(bytes);
    }

    /// <summary>A hash at a distance from another one.</summary>
    public static PdqHash Near(Random random, PdqHash hash, int distance)
    {
        Span<byte> bytes = stackalloc byte[PdqHash.ByteCount];
        hash.Write(bytes);
        Span<int> bits = stackalloc int[PdqHash.BitCount];
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = i;
        }

        random.Shuffle(bits);
        foreach (int bit in bits[..distance])
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        return PdqHash.Read(bytes);
    }

    public static PdqHash Pdq(Random random) => Balanced(random).ToPdq();

    public static HashEntry Entry(Random random, HashType type, string externalId = "") => new()
    {
        Type = type,
        Value = Value(random, type),
        ExternalId = externalId,
    };

    public static HashEntry Entry(PdqHash hash, string externalId = "", DateTimeOffset? expiresAt = null) => new()
    {
        Type = HashType.Pdq,
        Value = HashValue.From(hash),
        ExternalId = externalId,
        ExpiresAt = expiresAt,
    };

    public static HashType Type(Random random) => (HashType)random.Next((int)HashType.Pdq, (int)HashType.Sha256 + 1);

    public static EntryKey KeyOf(HashEntry entry) => new(entry.Type, entry.Value);

    /// <summary>Entries as lines, numbered from 1.</summary>
    public static async IAsyncEnumerable<ListLine> Lines(IEnumerable<HashEntry> entries)
    {
        await Task.CompletedTask;
        long line = 0;
        foreach (HashEntry entry in entries)
        {
            yield return new ListLine(++line, entry, null);
        }
    }

    private static HashValue Balanced(Random random)
    {
        Span<ulong> words = [Word(random), Word(random), Word(random), Word(random)];
        int set = 0;
        foreach (ulong word in words)
        {
            set += BitOperations.PopCount(word);
        }

        while (set != 128)
        {
            ref ulong word = ref words[random.Next(4)];
            ulong bit = 1UL << random.Next(64);
            if ((word & bit) != 0 == set > 128)
            {
                word ^= bit;
                set += set > 128 ? -1 : 1;
            }
        }

        return new HashValue(words[0], words[1], words[2], words[3]);
    }

    private static ulong Word(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
