namespace HashMatch.Imaging.Png;

/// <summary>
/// A prefix code of deflate as a lookup table (RFC 1951, 3.2.2). An entry of 32 bits says what the next bits mean:
/// <list type="bullet">
/// <item>bits 0 to 5: how many bits the symbol takes, those of a first table included, so that to shift 64 bits by the
/// entry is to shift by them;</item>
/// <item>bits 6 and 7: how many literals the entry stands for; they are bytes 1 to 3;</item>
/// <item>without literals, bits 8 to 11: how many extra bits follow; 12 and 13: what it is; 16 to 31: what the extra
/// bits are added to, or where the second table begins.</item>
/// </list>
/// Codes that are longer than the index of the first table lead to a second table of a fixed size. An entry of 0 is no
/// code.
/// </summary>
internal sealed class HuffmanTable
{
    public const int MaxBits = 15;
    public const uint BitsMask = 63;
    public const uint LiteralsMask = 3 << LiteralsShift;
    public const int LiteralsShift = 6;
    public const uint KindMask = 3 << 12;

    /// <summary>A length or a distance.</summary>
    public const uint Copy = 1 << 12;

    public const uint EndOfBlock = 2 << 12;

    public const uint Second = 3 << 12;

    public const int ExtraShift = 8;
    public const int BaseShift = 16;

    private const int MaxLiterals = 3;

    private readonly int _rootBits;
    private readonly int _secondSize;

    /// <param name="rootBits">Bits of the first table's index.</param>
    /// <param name="maxSymbols">Symbols of the alphabet. Of a complete code at least two share a second table.</param>
    public HuffmanTable(int rootBits, int maxSymbols)
    {
        _rootBits = rootBits;
        _secondSize = 1 << (MaxBits - rootBits);
        Entries = new uint[(1 << rootBits) + (maxSymbols / 2 * _secondSize)];
    }

    /// <summary>The first table, and the second ones behind it.</summary>
    public uint[] Entries { get; }

    /// <summary>Builds the table of a canonical code.</summary>
    /// <param name="lengths">Bits of each symbol's code, 0 to 15; 0 where it has none.</param>
    /// <param name="meanings">Each symbol's entry without its bits.</param>
    /// <param name="mayBeIncomplete">As zlib has it, one code of one bit, or none, need not fill the table.</param>
    /// <returns>False where the lengths make no prefix code.</returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> meanings, bool mayBeIncomplete)
    {
        Span<int> next = stackalloc int[MaxBits + 2];
        next.Clear();
        int longest = 0;
        foreach (byte length in lengths)
        {
            next[length + 1]++;
            longest = Math.Max(longest, length);
        }

        // From the number of codes of each length to the first code of each.
        next[1] = 0;
        int unused = 1;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            int count = next[bits + 1];
            unused = (2 * unused) - count;
            if (unused < 0)
            {
                return false;
            }

            next[bits + 1] = (next[bits] + count) << 1;
        }

        if (unused > 0)
        {
            if (!mayBeIncomplete || longest > 1)
            {
                return false;
            }

            Entries.AsSpan().Clear();
        }

        Fill(lengths, meanings, next);
        return true;
    }

    /// <summary>Where further literals fit into an index, lets its entry stand for up to three.</summary>
    /// <param name="literals">Bits of each literal's code; 0 where it has none.</param>
    public void PackLiterals(ReadOnlySpan<byte> literals)
    {
        Span<uint> entries = Entries.AsSpan(0, 1 << _rootBits);
        int shortest = MaxBits;
        foreach (byte length in literals)
        {
            shortest = length == 0 ? shortest : Math.Min(shortest, length);
        }

        // From the last: what is behind the first literal of an index is a lesser index, which is not packed yet.
        for (int i = entries.Length - 1; i >= 0; i--)
        {
            uint entry = entries[i];
            if ((entry & LiteralsMask) == 0)
            {
                continue;
            }

            int bits = (int)(entry & BitsMask);
            uint packed = entry >> 8;
            int count = 1;
            while (count < MaxLiterals && bits + shortest <= _rootBits)
            {
                uint following = entries[i >> bits];
                int taken = bits + (int)(following & BitsMask);
                if ((following & LiteralsMask) == 0 || taken > _rootBits)
                {
                    break;
                }

                packed |= (following >> 8) << (8 * count);
                bits = taken;
                count++;
            }

            entries[i] = (packed << 8) | ((uint)count << LiteralsShift) | (uint)bits;
        }
    }

    private void Fill(ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> meanings, Span<int> next)
    {
        int rootSize = 1 << _rootBits;
        int secondEnd = rootSize;
        Span<uint> root = Entries.AsSpan(0, rootSize);
        Span<bool> isPrefix = stackalloc bool[rootSize];
        isPrefix.Clear();
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            // The first bit of a code is the lowest of an index.
            int index = Reverse(next[length]++, length);
            uint entry = meanings[symbol] | (uint)length;
            if (length <= _rootBits)
            {
                for (int i = index; i < root.Length; i += 1 << length)
                {
                    root[i] = entry;
                }

                continue;
            }

            int prefix = index & (rootSize - 1);
            if (!isPrefix[prefix])
            {
                isPrefix[prefix] = true;
                root[prefix] = ((uint)secondEnd << BaseShift) | Second;
                secondEnd += _secondSize;
            }

            Span<uint> second = Entries.AsSpan((int)(root[prefix] >> BaseShift), _secondSize);
            for (int i = index >> _rootBits; i < second.Length; i += 1 << (length - _rootBits))
            {
                second[i] = entry;
            }
        }
    }

    // All 16 bits turned around, then those of the code.
    private static int Reverse(int code, int length)
    {
        uint bits = (uint)code;
        bits = ((bits & 0x5555) << 1) | ((bits >> 1) & 0x5555);
        bits = ((bits & 0x3333) << 2) | ((bits >> 2) & 0x3333);
        bits = ((bits & 0x0F0F) << 4) | ((bits >> 4) & 0x0F0F);
        bits = ((bits & 0x00FF) << 8) | (bits >> 8);
        return (int)(bits >> (16 - length));
    }
}
