using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// A fixed shuffle of a hash's 256 bits. Neighbouring bits of a picture's hash go together, so that chunks of bits as
/// they come have a few crowded buckets; shuffled ones are nearly as even as random ones. Distances stay the same.
/// </summary>
internal static class BitOrder
{
    private static readonly byte[] To = Shuffled();
    private static readonly byte[] From = Inverse(To);
    private static readonly ulong[] ToNibbles = Nibbles(To);
    private static readonly ulong[] FromNibbles = Nibbles(From);
    private static readonly byte[] ToGather = Gather(From);

    /// <summary>Shuffles.</summary>
    public static HashValue Apply(in HashValue value) =>
        Avx512Vbmi.IsSupported ? ApplyVector512(value) : ApplyScalar(value);

    /// <summary>Gives back what was shuffled.</summary>
    public static HashValue Undo(in HashValue value) => Or(value, FromNibbles);

    /// <inheritdoc cref="Apply"/>
    internal static HashValue ApplyScalar(in HashValue value) => Or(value, ToNibbles);

    /// <inheritdoc cref="Apply"/>
    /// <remarks>The byte that holds each bit to come is gathered and that bit tested: the mask is the word.</remarks>
    internal static HashValue ApplyVector512(in HashValue value)
    {
        ref ulong words = ref Unsafe.As<HashValue, ulong>(ref Unsafe.AsRef(in value));
        Vector512<byte> bytes = Vector512.Create(Vector256.LoadUnsafe(ref words), Vector256<ulong>.Zero).AsByte();
        ref byte gather = ref MemoryMarshal.GetArrayDataReference(ToGather);
        return new HashValue(
            Word(bytes, ref gather), Word(bytes, ref Unsafe.Add(ref gather, 128)),
            Word(bytes, ref Unsafe.Add(ref gather, 256)), Word(bytes, ref Unsafe.Add(ref gather, 384)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(Vector512<byte> bytes, ref byte gather)
    {
        Vector512<byte> sources = Avx512Vbmi.PermuteVar64x8(bytes, Vector512.LoadUnsafe(ref gather));
        Vector512<byte> bits = Vector512.LoadUnsafe(ref gather, 64);
        return Vector512.Equals(sources & bits, bits).ExtractMostSignificantBits();
    }

    private static HashValue Or(in HashValue value, ulong[] nibbles)
    {
        ref ulong table = ref MemoryMarshal.GetArrayDataReference(nibbles);
        ulong a = 0;
        ulong b = 0;
        ulong c = 0;
        ulong d = 0;
        for (int word = 0; word < 4; word++)
        {
            ulong left = word switch { 0 => value.A, 1 => value.B, 2 => value.C, _ => value.D };
            for (int nibble = 0; nibble < 16; nibble++, left >>= 4)
            {
                ref ulong entry = ref Unsafe.Add(ref table, (((word * 16) + nibble) * 64) + ((int)(left & 15) * 4));
                a |= entry;
                b |= Unsafe.Add(ref entry, 1);
                c |= Unsafe.Add(ref entry, 2);
                d |= Unsafe.Add(ref entry, 3);
            }
        }

        return new HashValue(a, b, c, d);
    }

    // Where each bit goes. The generator is written out, since it must be the same in every process that shares rows.
    private static byte[] Shuffled()
    {
        byte[] places = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        ulong state = 0x9E3779B97F4A7C15;
        for (int i = 255; i > 0; i--)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            int other = (int)((state >> 33) % (ulong)(i + 1));
            (places[i], places[other]) = (places[other], places[i]);
        }

        return places;
    }

    private static byte[] Inverse(byte[] places)
    {
        byte[] inverse = new byte[256];
        for (int i = 0; i < 256; i++)
        {
            inverse[places[i]] = (byte)i;
        }

        return inverse;
    }

    // Of each of 64 nibbles, of each of its 16 values: the four words that it comes to.
    private static ulong[] Nibbles(byte[] places)
    {
        ulong[] table = new ulong[64 * 16 * 4];
        for (int entry = 0; entry < 64 * 16; entry++)
        {
            for (int bit = 0; bit < 4; bit++)
            {
                int place = places[(entry / 16 * 4) + bit];
                table[(entry * 4) + (place / 64)] |= (ulong)((entry >> bit) & 1) << (place % 64);
            }
        }

        return table;
    }

    // For each word to come: the byte that holds each of its 64 bits, then that bit in the byte.
    private static byte[] Gather(byte[] sources)
    {
        byte[] gather = new byte[4 * 128];
        for (int bit = 0; bit < 256; bit++)
        {
            int at = (bit / 64 * 128) + (bit % 64);
            gather[at] = (byte)(sources[bit] / 8);
            gather[at + 64] = (byte)(1 << (sources[bit] % 8));
        }

        return gather;
    }
}
