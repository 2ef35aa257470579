using HashMatch.Matching;

namespace HashMatch.Benchmarks.Matching;

/// <summary>Random hashes with exactly 128 bits set, as pictures have: uniform ones would flatter a scan.</summary>
internal static class BalancedHashes
{
    public static HashValue Next(Random random)
    {
        Span<byte> bits = stackalloc byte[256];
        bits.Clear();
        bits[..128].Fill(1);
        random.Shuffle(bits);
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        for (int i = 0; i < bits.Length; i++)
        {
            words[i / 64] |= (ulong)bits[i] << (i % 64);
        }

        return new HashValue(words[0], words[1], words[2], words[3]);
    }
}
