using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Cli.Driving;

/// <summary>
/// Random hashes with exactly 128 bits set, as those of pictures have, each made anew from its number: a list of any
/// size can be known without being held.
/// </summary>
/// <param name="seed">Another seed, other hashes.</param>
internal sealed class BalancedHashes(int seed)
{
    private const int BalancedBits = PdqHash.BitCount / 2;

    /// <summary>The external id of an entry.</summary>
    public static string ExternalId(long number) => $"e{number}";

    /// <summary>The hash of this number.</summary>
    public PdqHash this[long number]
    {
        get
        {
            var random = new Mix((ulong)number ^ ((ulong)seed << 40));
            return Balance(new PdqHash(random.Next(), random.Next(), random.Next(), random.Next()), ref random);
        }
    }

    /// <summary>The first so many of them, then others, as a list's lines.</summary>
    public async IAsyncEnumerable<ListLine> LinesAsync(int count, IReadOnlyList<PdqHash> others)
    {
        for (int number = 0; number < count + others.Count; number++)
        {
            bool isOther = number >= count;
            HashEntry entry = new()
            {
                Type = HashType.Pdq,
                Value = HashValue.From(isOther ? others[number - count] : this[number]),
                ExternalId = isOther ? $"p{number - count}" : ExternalId(number),
            };
            yield return new ListLine(number + 1, entry, null);
        }

        await Task.CompletedTask;
    }

    /// <summary>A balanced hash at this distance, which is even.</summary>
    public static PdqHash Near(PdqHash hash, int distance, ulong salt)
    {
        var random = new Mix(salt);
        PdqHash near = hash;
        for (int set = 0, clear = 0; set + clear < distance;)
        {
            int bit = random.Below(PdqHash.BitCount);
            if (Bit(near, bit) != Bit(hash, bit))
            {
                continue;
            }

            ref int turned = ref Bit(hash, bit) ? ref set : ref clear;
            if (turned < distance / 2)
            {
                near = Turn(near, bit);
                turned++;
            }
        }

        return near;
    }

    // Turning random bits of the kind that there are too many of prefers no position.
    private static PdqHash Balance(PdqHash hash, ref Mix random)
    {
        while (hash.PopCount != BalancedBits)
        {
            int bit = random.Below(PdqHash.BitCount);
            hash = Bit(hash, bit) == hash.PopCount > BalancedBits ? Turn(hash, bit) : hash;
        }

        return hash;
    }

    private static bool Bit(PdqHash hash, int bit) => (Word(hash, bit / 64) >> (bit % 64) & 1) != 0;

    private static ulong Word(PdqHash hash, int place) => place switch
    {
        0 => hash.Word0,
        1 => hash.Word1,
        2 => hash.Word2,
        _ => hash.Word3,
    };

    private static PdqHash Turn(PdqHash hash, int bit)
    {
        ulong mask = 1ul << (bit % 64);
        return (bit / 64) switch
        {
            0 => hash with { Word0 = hash.Word0 ^ mask },
            1 => hash with { Word1 = hash.Word1 ^ mask },
            2 => hash with { Word2 = hash.Word2 ^ mask },
            _ => hash with { Word3 = hash.Word3 ^ mask },
        };
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood, 2014): a good stream from any seed, at once.</summary>
    private struct Mix(ulong state)
    {
        private ulong _state = state;

        public ulong Next()
        {
            ulong mixed = _state += 0x9E37_79B9_7F4A_7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
            return mixed ^ (mixed >> 31);
        }

        /// <summary>0 to <paramref name="limit"/>, a power of two, less one.</summary>
        public int Below(int limit) => (int)(Next() & (ulong)(limit - 1));
    }
}
