using System.Runtime.CompilerServices;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// Reads one block of a sequential scan (ITU T.81, F.2.2) from a window that holds it, whatever it is.
/// </summary>
internal static class BlockReader
{
    private const int IndexShift = 64 - HuffmanTable.LookUpBits;

    /// <summary>Reads a block whose values nobody wants.</summary>
    /// <returns>
    /// The position behind it, or the complement of where it is broken: there is no such code, or there are more than 64
    /// coefficients.
    /// </returns>
    public static int Skip(ReadOnlySpan<byte> window, int position, ScanComponent component)
    {
        ulong word = EntropyReader.Load(window, position);
        int entry = component.Firsts[word >> IndexShift];
        int advance = entry >> 8;
        if (advance == HuffmanTable.Unresolved)
        {
            int symbol = component.Dc.Decode(word);
            if (symbol < 0)
            {
                return ~position;
            }

            position += (symbol >> 8) + (symbol & 0xFF);
            return SkipRest(window, position, component.Ac, 0);
        }

        position += entry & 0xFF;
        return advance is >= HuffmanTable.EndOfBlock or 63
            ? position
            : SkipRest(window, position, component.Ac, advance);
    }

    /// <summary>Reads a block into its lane of a batch.</summary>
    /// <returns>
    /// The position behind it, or the complement of where it is broken: there is no such code, or there are more than 64
    /// coefficients.
    /// </returns>
    public static int Read(
        ReadOnlySpan<byte> window, int position, ScanComponent component, Span<int> lane)
    {
        ReadOnlySpan<int> steps = component.Steps;
        ReadOnlySpan<byte> slots = component.Reduction.Slots;
        ReadOnlySpan<int> values = component.Ac.Values;
        int last = component.Reduction.Last;
        ulong word = EntropyReader.Load(window, position);
        int entry = component.Dc.Values[word >> IndexShift];
        if (!TryRead(component.Dc, word, isDc: true, ref entry, out int difference))
        {
            return ~position;
        }

        position += entry & HuffmanTable.LengthMask;
        component.Prediction += difference;
        lane[0] = (short)component.Prediction * steps[0];
        int k = 0;
        while (k < last)
        {
            word = EntropyReader.Load(window, position);
            entry = values[(int)(word >> IndexShift)];
            int value = entry >> 16;
            if ((entry & HuffmanTable.LengthMask) == 0 || (entry & HuffmanTable.LongValue) != 0)
            {
                if (!TryRead(component.Ac, word, isDc: false, ref entry, out value))
                {
                    return ~position;
                }
            }

            position += entry & HuffmanTable.LengthMask;
            k += (entry >> 8) & 0xFF;
            if (k > 63)
            {
                return k >= HuffmanTable.EndOfBlock ? position : ~position;
            }

            lane[slots[k] * BlockTransform.Lanes] = value * steps[k];
        }

        return k == 63 ? position : SkipRest(window, position, component.Ac, k);
    }

    /// <summary>Reads what is left of a block behind coefficient k, below 63.</summary>
    private static int SkipRest(ReadOnlySpan<byte> window, int position, HuffmanTable table, int k)
    {
        ReadOnlySpan<ushort> skips = table.Skips;
        while (true)
        {
            int entry;
            ulong word = EntropyReader.Load(window, position);
            do
            {
                entry = skips[(int)(word >> IndexShift)];
                position += entry & 0xFF;
                k += entry >> 8;
                if (k >= 63)
                {
                    break;
                }

                word <<= entry;
                entry = skips[(int)(word >> IndexShift)];
                position += entry & 0xFF;
                k += entry >> 8;
                if (k >= 63)
                {
                    break;
                }

                word = EntropyReader.Load(window, position);
            }
            while (true);

            // At the end, or at the end-of-block symbol with no coefficient after the last.
            if (k == 63 || (k >= HuffmanTable.EndOfBlock && k < HuffmanTable.EndOfBlock + 63))
            {
                return position;
            }

            // A chain went over the block's end, or does not know the symbol: take one symbol.
            position -= entry & 0xFF;
            k -= entry >> 8;
            entry = 0;
            if (!TryRead(table, EntropyReader.Load(window, position), isDc: false, ref entry, out _))
            {
                return ~position;
            }

            position += entry & HuffmanTable.LengthMask;
            k += (entry >> 8) & 0xFF;
            if (k >= 63)
            {
                return k is 63 or >= HuffmanTable.EndOfBlock ? position : ~position;
            }
        }
    }

    /// <summary>Completes an entry of <see cref="HuffmanTable.Values"/> that does not hold its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRead(HuffmanTable table, ulong word, bool isDc, ref int entry, out int value)
    {
        value = entry >> 16;
        if ((entry & HuffmanTable.LengthMask) == 0)
        {
            return TryDecode(table, word, isDc, out entry, out value);
        }

        if ((entry & HuffmanTable.LongValue) != 0)
        {
            int size = value;
            int codeBits = (entry & HuffmanTable.LengthMask) - size;
            value = HuffmanTable.Extend((int)(word << codeBits >> (64 - size)), size);
        }

        return true;
    }

    private static bool TryDecode(HuffmanTable table, ulong word, bool isDc, out int entry, out int value)
    {
        entry = 0;
        value = 0;
        int symbol = table.Decode(word);
        if (symbol < 0)
        {
            return false;
        }

        int codeBits = symbol >> 8;
        int size = isDc ? symbol & 0xFF : symbol & 15;
        int run = isDc ? 0 : (symbol & 0xFF) >> 4;
        value = size == 0 ? 0 : HuffmanTable.Extend((int)(word << codeBits >> (64 - size)), size);

        // A size of zero ends the block whatever its run, but for the run of sixteen zeros.
        int advance = !isDc && size == 0 && run != 15 ? HuffmanTable.EndOfBlock : run + 1;
        entry = (advance << 8) | (codeBits + size);
        return true;
    }
}
