namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// Reads the blocks of one component in one MCU of a sequential scan (ITU T.81, F.2.2) from a window that holds them,
/// whatever they are. Positions are bits of the window. A method returns the position behind the blocks, or the
/// complement of where a block is broken: there is no such code, or there are more than 64 coefficients.
/// </summary>
internal static class BlockReader
{
    private const int IndexShift = 64 - HuffmanTable.LookUpBits;

    // A load brings 57 bits or more; so far behind its position there are still enough for an index.
    private const int Reach = 57 - HuffmanTable.LookUpBits;

    /// <summary>Reads blocks whose values nobody wants.</summary>
    public static int Skip(ReadOnlySpan<byte> window, int position, ScanComponent component, int count)
    {
        ushort[] firsts = component.Firsts;
        ushort[] skips = component.Skips;
        ulong word = EntropyReader.Load(window, position);
        int limit = position + Reach;
        for (int block = 0; block < count; block++)
        {
            if (position > limit)
            {
                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }

            int entry = firsts[(int)(word >> IndexShift)];
            int k = entry >> 8;
            word <<= entry;
            position += entry & 0xFF;
            if (k == HuffmanTable.Unresolved)
            {
                k = 0;
                if (!TryReadSlowly(window, ref position, ref k, component.Dc, isDc: true, out _))
                {
                    return ~position;
                }

                k = 0;
                limit = -1;
            }

            while (k < 63)
            {
                if (position > limit)
                {
                    word = EntropyReader.Load(window, position);
                    limit = position + Reach;
                }

                entry = skips[(int)(word >> IndexShift)];
                k += entry >> 8;
                word <<= entry;
                position += entry & 0xFF;
            }

            if (!IsEnd(k))
            {
                position = SkipRestSlowly(window, position - (entry & 0xFF), component.Ac, k - (entry >> 8));
                if (position < 0)
                {
                    return position;
                }

                limit = -1;
            }
        }

        return position;
    }

    /// <summary>Reads one block into a batch.</summary>
    /// <param name="window">The bytes.</param>
    /// <param name="position">The block's first bit.</param>
    /// <param name="component">Its component.</param>
    /// <param name="batch">Gets the kept coefficients, one every <see cref="BlockTransform.Lanes"/>.</param>
    /// <param name="lane">Where in the batch the first goes.</param>
    public static int Read(
        ReadOnlySpan<byte> window, int position, ScanComponent component, int[] batch, int lane)
    {
        int[] values = component.AcValues;
        uint[] places = component.Places;
        int last = component.Last;
        ulong word = EntropyReader.Load(window, position);
        int limit = position + Reach;
        int entry = component.DcValues[(int)(word >> IndexShift)];
        int k = 0;
        int difference = entry >> 16;
        if ((entry & HuffmanTable.Special) == 0)
        {
            word <<= entry;
            position += entry & HuffmanTable.LengthMask;
        }
        else if (!TryReadSlowly(window, ref position, ref k, component.Dc, isDc: true, out difference))
        {
            return ~position;
        }
        else
        {
            word = EntropyReader.Load(window, position);
            limit = position + Reach;
        }

        component.Prediction += difference;
        batch[lane] = (short)component.Prediction * (int)(places[0] & 0xFFFF);
        k = 0;
        while (k < last)
        {
            if (position > limit)
            {
                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }

            entry = values[(int)(word >> IndexShift)];
            int value = entry >> 16;
            if ((entry & HuffmanTable.Special) != 0)
            {
                if (!TryReadSlowly(window, ref position, ref k, component.Ac, isDc: false, out value))
                {
                    return ~position;
                }

                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }
            else
            {
                k += (entry >> 8) & 0xFF;
                word <<= entry;
                position += entry & HuffmanTable.LengthMask;
            }

            if (k > 63)
            {
                return k >= HuffmanTable.EndOfBlock ? position : ~position;
            }

            uint place = places[k];
            batch[lane + (int)(place >> 16)] = value * (int)(place & 0xFFFF);
        }

        ushort[] skips = component.Skips;
        while (k < 63)
        {
            if (position > limit)
            {
                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }

            entry = skips[(int)(word >> IndexShift)];
            k += entry >> 8;
            word <<= entry;
            position += entry & 0xFF;
        }

        return IsEnd(k)
            ? position
            : SkipRestSlowly(window, position - (entry & 0xFF), component.Ac, k - (entry >> 8));
    }

    // At the last coefficient, or at the end-of-block symbol with no more than that before it. Else a chain went over
    // the block's end, or does not know a symbol.
    private static bool IsEnd(int k) =>
        k is 63 or (>= HuffmanTable.EndOfBlock and < HuffmanTable.EndOfBlock + 63);

    private static int SkipRestSlowly(ReadOnlySpan<byte> window, int position, HuffmanTable table, int k)
    {
        while (k < 63)
        {
            if (!TryReadSlowly(window, ref position, ref k, table, isDc: false, out _))
            {
                return ~position;
            }
        }

        return k is 63 or >= HuffmanTable.EndOfBlock ? position : ~position;
    }

    /// <summary>One symbol and its value; k advances by the symbol's run and itself.</summary>
    private static bool TryReadSlowly(
        ReadOnlySpan<byte> window, ref int position, ref int k, HuffmanTable table, bool isDc, out int value)
    {
        ulong word = EntropyReader.Load(window, position);
        int symbol = table.Decode(word);
        value = 0;
        if (symbol < 0)
        {
            return false;
        }

        int codeBits = symbol >> 8;
        int size = isDc ? symbol & 0xFF : symbol & 15;
        int run = isDc ? 0 : (symbol & 0xFF) >> 4;
        if (size > 0)
        {
            value = HuffmanTable.Extend((int)(word << codeBits >> (64 - size)), size);
        }

        // A size of zero ends the block whatever its run, but for the run of sixteen zeros.
        position += codeBits + size;
        k += !isDc && size == 0 && run != 15 ? HuffmanTable.EndOfBlock : run + 1;
        return true;
    }
}
