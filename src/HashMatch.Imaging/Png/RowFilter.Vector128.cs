using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Imaging.Png;

/// <content>
/// Three or four bytes a pixel, one pixel at a time in four lanes. Four bytes are read and written: of three-byte pixels
/// the fourth lane is the next pixel's first byte, which is read before it is overwritten and written again by its own
/// pixel. Each kernel returns the bytes done and leaves the rest of the row as it was filtered.
/// </content>
internal static partial class RowFilter
{
    private static int UndoSub128(Span<byte> row, int pixelBytes)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        ref byte pixels = ref MemoryMarshal.GetReference(row);
        Vector128<byte> a = Vector128<byte>.Zero;
        uint next = ReadPixel(ref pixels, 0);
        int i = 0;

        // Reads end at i + pixelBytes + 4, which is in the row.
        for (; i <= row.Length - pixelBytes - 4; i += pixelBytes)
        {
            a += Vector128.CreateScalarUnsafe(next).AsByte();
            next = ReadPixel(ref pixels, i + pixelBytes);
            WritePixel(ref pixels, i, a.AsUInt32().ToScalar());
        }

        row[i] = (byte)next;
        return i;
    }

    private static int UndoAverage128(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        ref byte pixels = ref MemoryMarshal.GetReference(row);
        ref byte upper = ref MemoryMarshal.GetReference(above);
        Vector128<uint> sevenBits = Vector128.Create(0x7F7F7F7Fu);
        Vector128<byte> a = Vector128<byte>.Zero;
        uint next = ReadPixel(ref pixels, 0);
        int i = 0;

        // Reads end at i + pixelBytes + 4, which is in the row, and the row above is as long.
        for (; i <= row.Length - pixelBytes - 4; i += pixelBytes)
        {
            // floor((a + b) / 2) = (a and b) + (a xor b) / 2
            Vector128<byte> x = Vector128.CreateScalarUnsafe(next).AsByte();
            Vector128<byte> b = Vector128.CreateScalarUnsafe(ReadPixel(ref upper, i)).AsByte();
            Vector128<byte> half = (((a ^ b).AsUInt32() >>> 1) & sevenBits).AsByte();
            a = ((a & b) + x) + half;
            next = ReadPixel(ref pixels, i + pixelBytes);
            WritePixel(ref pixels, i, a.AsUInt32().ToScalar());
        }

        row[i] = (byte)next;
        return i;
    }

    private static int UndoPaeth128(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        ref byte pixels = ref MemoryMarshal.GetReference(row);
        ref byte upper = ref MemoryMarshal.GetReference(above);

        // Bytes in lanes of 16 bits, whose upper halves stay zero because sums are of bytes.
        Vector128<short> a = Vector128<short>.Zero;
        Vector128<short> c = Vector128<short>.Zero;
        uint next = ReadPixel(ref pixels, 0);
        int i = 0;

        // Reads end at i + pixelBytes + 4, which is in the row, and the row above is as long.
        for (; i <= row.Length - pixelBytes - 4; i += pixelBytes)
        {
            Vector128<short> x = Widen(next);
            Vector128<short> b = Widen(ReadPixel(ref upper, i));
            Vector128<short> t = c + c + c - b - a;
            Vector128<short> lo = Vector128.Min(a, b);
            Vector128<short> hi = Vector128.Max(a, b);
            Vector128<short> nearest = Vector128.ConditionalSelect(Vector128.GreaterThan(hi, t), c, lo);
            nearest = Vector128.ConditionalSelect(Vector128.GreaterThan(t, lo), nearest, hi);
            a = (nearest.AsByte() + x.AsByte()).AsInt16();
            c = b;
            next = ReadPixel(ref pixels, i + pixelBytes);
            WritePixel(ref pixels, i, Vector128.Narrow(a.AsUInt16(), a.AsUInt16()).AsUInt32().ToScalar());
        }

        row[i] = (byte)next;
        return i;
    }

    private static Vector128<short> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte()).AsInt16();

    private static uint ReadPixel(ref byte pixels, int at) =>
        Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, at));

    private static void WritePixel(ref byte pixels, int at, uint pixel) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref pixels, at), pixel);
}
