using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
        // Indices cannot leave the tables whose length this looks at.
        _ = component.Firsts[(1 << HuffmanTable.LookUpBits) - 1];
        _ = component.Skips[(1 << HuffmanTable.LookUpBits) - 1];
        ref ushort firsts = ref MemoryMarshal.GetArrayDataReference(component.Firsts);
        ref ushort skips = ref MemoryMarshal.GetArrayDataReference(component.Skips);
        ulong word = EntropyReader.Load(window, position);
        int limit = position + Reach;
        for (int block = 0; block < count; block++)
        {
            if (position > limit)
            {
                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }

            int entry = Unsafe.Add(ref firsts, (nint)(word >> IndexShift));
            int k = entry >> 8;
            word <<= entry;
            position += entry & 0xFF;
            if (k == HuffmanTable.Unresolved)
            {
                entry = component.Dc.Resolve(EntropyReader.Load(window, position), isDc: true);
                if (entry == 0)
                {
                    return ~position;
                }

                k = 0;
                position += entry & HuffmanTable.LengthMask;
                limit = -1;
            }

            while (k < 63)
            {
                if (position > limit)
                {
                    word = EntropyReader.Load(window, position);
                    limit = position + Reach;
                }

                entry = Unsafe.Add(ref skips, (nint)(word >> IndexShift));
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
        ulong word = EntropyReader.Load(window, position);
        int limit = position + Reach;
        int entry = Dc(component, word);
        if (entry == 0)
        {
            return ~position;
        }

        word <<= entry;
        position += entry & HuffmanTable.LengthMask;
        component.Prediction += entry >> 16;
        uint[] placeOf = component.Places;
        batch[lane] = (short)component.Prediction * (int)(placeOf[0] & 0xFFFF);
        int last = component.Last;

        // No index below can leave its array, which this looks at. Values: their bits. Places: k is under 63 before an
        // advance of 255 at the most. Batch: no place lies behind that of a coefficient beyond the block.
        _ = component.AcValues[(1 << HuffmanTable.LookUpBits) - 1];
        _ = batch[lane + (int)(placeOf[Reduction.LastPlace] >> 16)];
        ref int values = ref MemoryMarshal.GetArrayDataReference(component.AcValues);
        ref uint places = ref MemoryMarshal.GetArrayDataReference(placeOf);
        ref int block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(batch), lane);
        int k = 0;
        while (true)
        {
            while (k < last)
            {
                if (position > limit)
                {
                    word = EntropyReader.Load(window, position);
                    limit = position + Reach;
                }

                entry = Unsafe.Add(ref values, (nint)(word >> IndexShift));
                k += (entry >> 8) & 0xFF;
                word <<= entry;
                position += entry & HuffmanTable.LengthMask;
                uint place = Unsafe.Add(ref places, k);
                Unsafe.Add(ref block, (nint)(place >> 16)) = (entry >> 16) * (int)(ushort)place;
            }

            if (k < 63)
            {
                return SkipRest(window, position, component, k);
            }

            if (k < HuffmanTable.Unresolved)
            {
                return IsEnd(k) ? position : ~position;
            }

            // A symbol that the values do not have.
            k -= HuffmanTable.Unresolved;
            word = EntropyReader.Load(window, position);
            entry = component.Ac.Resolve(word, isDc: false);
            if (entry == 0)
            {
                return ~position;
            }

            limit = position + Reach;
            k += (entry >> 8) & 0xFF;
            word <<= entry;
            position += entry & HuffmanTable.LengthMask;
            uint far = Unsafe.Add(ref places, k);
            Unsafe.Add(ref block, (nint)(far >> 16)) = (entry >> 16) * (int)(ushort)far;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dc(ScanComponent component, ulong word)
    {
        int entry = component.DcValues[(int)(word >> IndexShift)];
        return (entry & HuffmanTable.Special) == 0 ? entry : component.Dc.Resolve(word, isDc: true);
    }

    /// <summary>Reads what is left of a block behind coefficient k, below 63.</summary>
    private static int SkipRest(ReadOnlySpan<byte> window, int position, ScanComponent component, int k)
    {
        // Indices cannot leave the table whose length this looks at.
        _ = component.Skips[(1 << HuffmanTable.LookUpBits) - 1];
        ref ushort skips = ref MemoryMarshal.GetArrayDataReference(component.Skips);
        int entry = 0;
        ulong word = 0;
        int limit = -1;
        while (k < 63)
        {
            if (position > limit)
            {
                word = EntropyReader.Load(window, position);
                limit = position + Reach;
            }

            entry = Unsafe.Add(ref skips, (nint)(word >> IndexShift));
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
            int entry = table.Resolve(EntropyReader.Load(window, position), isDc: false);
            if (entry == 0)
            {
                return ~position;
            }

            k += (entry >> 8) & 0xFF;
            position += entry & HuffmanTable.LengthMask;
        }

        return k is 63 or >= HuffmanTable.EndOfBlock ? position : ~position;
    }
}
