using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HashMatch.Imaging.Png;

/// <content>
/// One pixel at a time in four lanes. Four bytes are read and written: of smaller pixels the upper lanes are those of
/// the pixels to the right, which then write over them. Each kernel returns the bytes done, whole pixels, and leaves
/// the last of a row.
/// </content>
internal static partial class RowFilter
{
    private static int UndoSub128(ReadOnlySpan<byte> filtered, Span<byte> row, int pixelBytes)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        ref byte from = ref MemoryMarshal.GetReference(filtered);
        ref byte to = ref MemoryMarshal.GetReference(row);
        Vector128<byte> a = Vector128<byte>.Zero;
        int i = 0;

        // All spans are as long as the row.
        for (; i <= row.Length - sizeof(uint); i += pixelBytes)
        {
            a += Vector128.CreateScalarUnsafe(ReadPixel(ref from, i)).AsByte();
            WritePixel(ref to, i, a.AsUInt32().ToScalar());
        }

        return i;
    }

    private static int UndoAverage128(
        ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row, int pixelBytes)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        ref byte from = ref MemoryMarshal.GetReference(filtered);
        ref byte upper = ref MemoryMarshal.GetReference(above);
        ref byte to = ref MemoryMarshal.GetReference(row);
        Vector128<uint> sevenBits = Vector128.Create(0x7F7F7F7Fu);
        Vector128<byte> a = Vector128<byte>.Zero;
        int i = 0;

        // All spans are as long as the row.
        for (; i <= row.Length - sizeof(uint); i += pixelBytes)
        {
            // floor((a + b) / 2) = (a and b) + (a xor b) / 2
            Vector128<byte> x = Vector128.CreateScalarUnsafe(ReadPixel(ref from, i)).AsByte();
            Vector128<byte> b = Vector128.CreateScalarUnsafe(ReadPixel(ref upper, i)).AsByte();
            Vector128<byte> half = (((a ^ b).AsUInt32() >>> 1) & sevenBits).AsByte();
            a = ((a & b) + x) + half;
            WritePixel(ref to, i, a.AsUInt32().ToScalar());
        }

        return i;
    }

    private static int UndoPaeth128(
        ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row, int pixelBytes)
    {
        Debug.Assert(Vector128.IsHardwareAccelerated);
        ref byte from = ref MemoryMarshal.GetReference(filtered);
        ref byte upper = ref MemoryMarshal.GetReference(above);
        ref byte to = ref MemoryMarshal.GetReference(row);

        // Bytes in lanes of 16 bits, whose upper halves stay zero because sums are of bytes.
        Vector128<short> a = Vector128<short>.Zero;
        Vector128<short> c = Vector128<short>.Zero;
        int i = 0;

        // All spans are as long as the row.
        for (; i <= row.Length - sizeof(uint); i += pixelBytes)
        {
            Vector128<short> x = Widen(ReadPixel(ref from, i));
            Vector128<short> b = Widen(ReadPixel(ref upper, i));
            Vector128<short> t = (c + c + c - b) - a;
            Vector128<short> lo = Vector128.Min(a, b);
            Vector128<short> hi = Vector128.Max(a, b);
            Vector128<short> nearest = Vector128.ConditionalSelect(Vector128.GreaterThan(hi, t), c, lo);
            nearest = Vector128.ConditionalSelect(Vector128.GreaterThan(t, lo), nearest, hi);
            a = (nearest.AsByte() + x.AsByte()).AsInt16();
            c = b;
            WritePixel(ref to, i, Vector128.Narrow(a.AsUInt16(), a.AsUInt16()).AsUInt32().ToScalar());
        }

        return i;
    }

    private static Vector128<short> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte()).AsInt16();

    private static uint ReadPixel(ref byte pixels, int at) =>
        Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, at));

    private static void WritePixel(ref byte pixels, int at, uint pixel) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref pixels, at), pixel);
}
