using System.Numerics;
using System.Runtime.CompilerServices;
using HashMatch.Matching;

namespace HashMatch.Benchmarks.Searching;

/// <summary>SplitMix64: quick, and a place of its own for every seed and block, so that any part of a data set can be
/// made again alone.</summary>
internal struct RandomBits
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <param name="seed">Of the data set.</param>
    /// <param name="block">A number of its own.</param>
    public RandomBits(ulong seed, ulong block)
    {
        _state = Mix(seed + Step) ^ Mix((block * Step) + 1);
        _state = Mix(_state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next() => Mix(_state += Step);

    /// <summary>0 to <paramref name="limit"/> - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    /// <summary>0 to <paramref name="limit"/> - 1.</summary>
    public long Next(long limit) => (long)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>Each bit on its own.</summary>
    public HashValue Uniform() => new(Next(), Next(), Next(), Next());

    /// <summary>128 bits set, each choice as likely, as PDQ hashes of pictures have.</summary>
    public HashValue Balanced() => Balance(Uniform());

    /// <summary>Sets or clears random bits until 128 are set.</summary>
    public HashValue Balance(HashValue value)
    {
        Span<ulong> words = [value.A, value.B, value.C, value.D];
        int set = Count(value);
        while (set != 128)
        {
            int bit = Next(256);
            ulong mask = 1UL << (bit & 63);
            ref ulong word = ref words[bit >> 6];
            bool isSet = (word & mask) != 0;
            if (isSet == set > 128)
            {
                word ^= mask;
                set += isSet ? -1 : 1;
            }
        }

        return new HashValue(words[0], words[1], words[2], words[3]);
    }

    /// <summary>
    /// A hash at exactly this distance. As many bits are set as are cleared (one more, where the distance is odd) as
    /// long as the hash has such bits, so that a balanced hash stays one.
    /// </summary>
    /// <param name="value">What the distance is from.</param>
    /// <param name="distance">0 to 256.</param>
    public HashValue Near(HashValue value, int distance)
    {
        int cleared = Math.Min(distance / 2, Count(value));
        int set = Math.Min(distance - cleared, 256 - Count(value));
        cleared = distance - set;
        Span<ulong> words = [value.A, value.B, value.C, value.D];
        Span<ulong> taken = [0, 0, 0, 0];
        while (set + cleared > 0)
        {
            int bit = Next(256);
            ulong mask = 1UL << (bit & 63);
            ref ulong word = ref words[bit >> 6];
            ref int left = ref (word & mask) != 0 ? ref cleared : ref set;
            if ((taken[bit >> 6] & mask) == 0 && left > 0)
            {
                taken[bit >> 6] |= mask;
                word ^= mask;
                left--;
            }
        }

        return new HashValue(words[0], words[1], words[2], words[3]);
    }

    private static int Count(HashValue value) =>
        BitOperations.PopCount(value.A) + BitOperations.PopCount(value.B)
        + BitOperations.PopCount(value.C) + BitOperations.PopCount(value.D);

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
