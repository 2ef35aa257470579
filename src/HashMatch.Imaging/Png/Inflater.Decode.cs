using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Imaging.Png;

/// <content>Symbols of a compressed block.</content>
internal sealed partial class Inflater
{
    // One turn of the fast loop refills three times, by seven bytes at most, and each time looks at eight.
    private const int InputSlackBytes = (3 * 7) + 8;

    // Decodes until the window is full or the block ends.
    private InflateStatus Decode(int end)
    {
        while (_written < end && _state == BlockState.Compressed)
        {
            InflateStatus status = DecodeFast(end);
            if (status == InflateStatus.Ok && _written < end && _state == BlockState.Compressed)
            {
                status = DecodeOne();
            }

            if (status != InflateStatus.Ok)
            {
                return status;
            }
        }

        return InflateStatus.Ok;
    }

    /// <summary>
    /// Decodes while the chunk has input to spare. The input is not checked again within a turn; the window has
    /// <see cref="SlackBytes"/> behind every end, which is more than a turn writes.
    /// </summary>
    private InflateStatus DecodeFast(int end)
    {
        ReadOnlySpan<byte> chunk = _input.Chunk;
        ref byte input = ref MemoryMarshal.GetReference(chunk);
        ref byte window = ref MemoryMarshal.GetArrayDataReference(_window);

        // An index is masked to the size of the first table, which every table's array has at least.
        ref uint symbols = ref MemoryMarshal.GetArrayDataReference(_symbols.Entries);
        ref uint distances = ref MemoryMarshal.GetArrayDataReference(_distances.Entries);
        nint at = 0;
        nint inputEnd = chunk.Length - InputSlackBytes;
        nint to = _written;
        ulong bits = _bits;

        // The lower six bits count; whole entries are taken off.
        uint bitCount = (uint)_bitCount;
        InflateStatus status = InflateStatus.Ok;
        while (at <= inputEnd && to < end)
        {
            Refill(ref input, ref at, ref bits, ref bitCount);
            uint entry = Unsafe.Add(ref symbols, (nint)(bits & DeflateTables.SymbolsMask));

            // Four indices of 11 bits are there.
            if (IsLiteral(entry))
            {
                entry = WriteLiterals(ref symbols, ref window, ref to, entry, ref bits, ref bitCount);
                entry = !IsLiteral(entry)
                    ? entry : WriteLiterals(ref symbols, ref window, ref to, entry, ref bits, ref bitCount);
                entry = !IsLiteral(entry)
                    ? entry : WriteLiterals(ref symbols, ref window, ref to, entry, ref bits, ref bitCount);
                if (IsLiteral(entry))
                {
                    WriteLiterals(ref symbols, ref window, ref to, entry, ref bits, ref bitCount);
                    continue;
                }

                Refill(ref input, ref at, ref bits, ref bitCount);
            }

            if ((entry & HuffmanTable.KindMask) == HuffmanTable.Second)
            {
                entry = Follow(_symbols, entry, bits, DeflateTables.SymbolBits);
                if (IsLiteral(entry))
                {
                    WriteLiterals(ref symbols, ref window, ref to, entry, ref bits, ref bitCount);
                    continue;
                }
            }

            uint kind = entry & HuffmanTable.KindMask;
            if (kind != HuffmanTable.Copy)
            {
                bits >>= (int)entry;
                bitCount -= entry;
                status = kind == HuffmanTable.EndOfBlock ? InflateStatus.Ok : InflateStatus.Corrupt;
                _state = BlockState.BlockHeader;
                break;
            }

            // 15 + 5 bits of the length, 15 + 13 of the distance.
            int length = TakeValue(entry, ref bits, ref bitCount);
            entry = Unsafe.Add(ref distances, (nint)(bits & DeflateTables.DistancesMask));
            if ((entry & HuffmanTable.KindMask) == HuffmanTable.Second)
            {
                entry = Follow(_distances, entry, bits, DeflateTables.DistanceBits);
            }

            int distance = TakeValue(entry, ref bits, ref bitCount);
            if ((entry & HuffmanTable.KindMask) != HuffmanTable.Copy || distance > to)
            {
                status = InflateStatus.Corrupt;
                break;
            }

            CopyBack(ref window, to, distance, length);
            to += length;
        }

        // Above the count are bits that the input still has.
        _bitCount = (int)(bitCount & 63);
        _bits = bits & ((1UL << _bitCount) - 1);
        _written = (int)to;
        _input.Skip((int)at);
        return status;
    }

    /// <summary>Decodes one entry's symbols near the end of a chunk.</summary>
    private InflateStatus DecodeOne()
    {
        // Where the data end, zeros follow, and an entry that takes them is not there.
        _ = Need(48);
        uint entry = _symbols.Entries[(int)(_bits & DeflateTables.SymbolsMask)];
        if (!IsLiteral(entry) && (entry & HuffmanTable.KindMask) == HuffmanTable.Second)
        {
            entry = Follow(_symbols, entry, _bits, DeflateTables.SymbolBits);
        }

        int needed = (int)(entry & HuffmanTable.BitsMask);
        if (needed > _bitCount)
        {
            return InflateStatus.Truncated;
        }

        if (IsLiteral(entry))
        {
            Drop(needed);
            for (uint literals = entry >> 8, left = (entry & HuffmanTable.LiteralsMask) >> HuffmanTable.LiteralsShift;
                left > 0;
                left--, literals >>= 8)
            {
                _window[_written++] = (byte)literals;
            }

            return InflateStatus.Ok;
        }

        uint kind = entry & HuffmanTable.KindMask;
        if (kind != HuffmanTable.Copy)
        {
            Drop(needed);
            _state = BlockState.BlockHeader;
            return kind == HuffmanTable.EndOfBlock ? InflateStatus.Ok
                : _bitCount < HuffmanTable.MaxBits ? InflateStatus.Truncated : InflateStatus.Corrupt;
        }

        uint taken = 0;
        int length = TakeValue(entry, ref _bits, ref taken);
        needed += ExtraBits(entry);
        entry = _distances.Entries[(int)(_bits & DeflateTables.DistancesMask)];
        if ((entry & HuffmanTable.KindMask) == HuffmanTable.Second)
        {
            entry = Follow(_distances, entry, _bits, DeflateTables.DistanceBits);
        }

        int distance = TakeValue(entry, ref _bits, ref taken);
        _bitCount -= needed + (int)(entry & HuffmanTable.BitsMask) + ExtraBits(entry);
        if (_bitCount < 0)
        {
            return InflateStatus.Truncated;
        }

        if ((entry & HuffmanTable.KindMask) != HuffmanTable.Copy || distance > _written)
        {
            return InflateStatus.Corrupt;
        }

        CopyBack(ref MemoryMarshal.GetArrayDataReference(_window), _written, distance, length);
        _written += length;
        return InflateStatus.Ok;
    }

    // At least 56 bits. What is read above the count is read again at the same place the next time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ref byte input, ref nint at, ref ulong bits, ref uint bitCount)
    {
        ulong next = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref input, at));
        bits |= (BitConverter.IsLittleEndian ? next : BinaryPrimitives.ReverseEndianness(next)) << (int)bitCount;
        at += (nint)((~bitCount & 63) >> 3);
        bitCount |= 56;
    }

    private static bool IsLiteral(uint entry) => (entry & HuffmanTable.LiteralsMask) != 0;

    // Writes four bytes, of which those that are no literals are written over, and looks the next entry up.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint WriteLiterals(
        ref uint symbols, ref byte window, ref nint to, uint entry, ref ulong bits, ref uint bitCount)
    {
        uint literals = BitConverter.IsLittleEndian ? entry >> 8 : BinaryPrimitives.ReverseEndianness(entry >> 8);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref window, to), literals);
        to += (nint)((entry & HuffmanTable.LiteralsMask) >> HuffmanTable.LiteralsShift);
        bits >>= (int)entry;
        bitCount -= entry;
        return Unsafe.Add(ref symbols, (nint)(bits & DeflateTables.SymbolsMask));
    }

    private static uint Follow(HuffmanTable table, uint entry, ulong bits, int rootBits)
    {
        int index = (int)(bits >> rootBits) & ((1 << (HuffmanTable.MaxBits - rootBits)) - 1);
        return table.Entries[(int)(entry >> HuffmanTable.BaseShift) + index];
    }

    private static int ExtraBits(uint entry) => (int)(entry >> HuffmanTable.ExtraShift) & 15;

    // A base and the extra bits behind the code.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TakeValue(uint entry, ref ulong bits, ref uint bitCount)
    {
        int extraBits = ExtraBits(entry);
        uint extra = (uint)(bits >> (int)entry) & ((1u << extraBits) - 1);
        bits = (bits >> (int)entry) >> extraBits;
        bitCount -= entry + (uint)extraBits;
        return (int)((entry >> HuffmanTable.BaseShift) + extra);
    }

    /// <summary>
    /// Repeats what is so far back. The source begins in the window because no distance is over what is written, the
    /// copy ends in its slack.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyBack(ref byte window, nint to, int distance, int length)
    {
        ref byte target = ref Unsafe.Add(ref window, to);
        if (distance >= 16)
        {
            ref byte source = ref Unsafe.Subtract(ref target, distance);
            for (int i = 0; i < length; i += 16)
            {
                Vector128.LoadUnsafe(ref source, (nuint)i).StoreUnsafe(ref target, (nuint)i);
            }
        }
        else if (distance == 1)
        {
            Unsafe.InitBlockUnaligned(ref target, Unsafe.Subtract(ref target, 1), (uint)length);
        }
        else
        {
            for (int i = 0; i < length; i++)
            {
                Unsafe.Add(ref target, i) = Unsafe.Add(ref target, i - distance);
            }
        }
    }
}
