using System.Numerics;
using System.Runtime.Intrinsics;

namespace HashMatch.Imaging.Png;

/// <summary>
/// Undoes the filter of a row (W3C PNG, section 9): x is a filtered byte; a the byte one pixel to its left, b the one
/// above it, c the one above a, all unfiltered, zero outside of the picture. All sums are modulo 256.
/// </summary>
internal static partial class RowFilter
{
    private const byte None = 0;
    private const byte Sub = 1;
    private const byte Up = 2;
    private const byte Average = 3;
    private const byte Paeth = 4;

    /// <summary>Unfilters one row.</summary>
    /// <param name="filter">The row's first byte.</param>
    /// <param name="filtered">The bytes behind it.</param>
    /// <param name="above">The row above, unfiltered; zeros above the first. As long as the row.</param>
    /// <param name="row">Gets the row; other memory, as long.</param>
    /// <param name="pixelBytes">Bytes of a whole pixel, 1 to 4; 1 where pixels share a byte. The row is whole pixels.
    /// </param>
    /// <returns>False, and nothing done, for a filter that does not exist.</returns>
    public static bool TryUndo(
        byte filter, ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row, int pixelBytes) =>
        TryUndo(filter, filtered, above, row, pixelBytes, Vector128.IsHardwareAccelerated);

    internal static bool TryUndo(
        byte filter,
        ReadOnlySpan<byte> filtered,
        ReadOnlySpan<byte> above,
        Span<byte> row,
        int pixelBytes,
        bool isVectored)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(above.Length, row.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(filtered.Length, row.Length);
        switch (filter)
        {
            case None:
                filtered.CopyTo(row);
                return true;
            case Sub:
                UndoSub(filtered, row, pixelBytes, isVectored ? UndoSub128(filtered, row, pixelBytes) : 0);
                return true;
            case Up:
                UndoUp(filtered, above, row, isVectored ? UndoUpVector(filtered, above, row) : 0);
                return true;
            case Average:
                int done = isVectored ? UndoAverage128(filtered, above, row, pixelBytes) : 0;
                UndoAverage(filtered, above, row, pixelBytes, done);
                return true;
            case Paeth:
                done = isVectored ? UndoPaeth128(filtered, above, row, pixelBytes) : 0;
                UndoPaeth(filtered, above, row, pixelBytes, done);
                return true;
            default:
                return false;
        }
    }

    private static void UndoSub(ReadOnlySpan<byte> filtered, Span<byte> row, int pixelBytes, int start)
    {
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = start; i < first; i++)
        {
            row[i] = filtered[i];
        }

        for (int i = Math.Max(start, first); i < row.Length; i++)
        {
            row[i] = (byte)(filtered[i] + row[i - pixelBytes]);
        }
    }

    private static int UndoUpVector(ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(filtered[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        }

        return i;
    }

    private static void UndoUp(ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row, int start)
    {
        for (int i = start; i < row.Length; i++)
        {
            row[i] = (byte)(filtered[i] + above[i]);
        }
    }

    private static void UndoAverage(
        ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row, int pixelBytes, int start)
    {
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = start; i < first; i++)
        {
            row[i] = (byte)(filtered[i] + (above[i] >> 1));
        }

        for (int i = Math.Max(start, first); i < row.Length; i++)
        {
            row[i] = (byte)(filtered[i] + ((row[i - pixelBytes] + above[i]) >> 1));
        }
    }

    private static void UndoPaeth(
        ReadOnlySpan<byte> filtered, ReadOnlySpan<byte> above, Span<byte> row, int pixelBytes, int start)
    {
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = start; i < first; i++)
        {
            row[i] = (byte)(filtered[i] + above[i]);
        }

        for (int i = Math.Max(start, first); i < row.Length; i++)
        {
            row[i] = (byte)(filtered[i] + Nearest(row[i - pixelBytes], above[i], above[i - pixelBytes]));
        }
    }

    /// <summary>
    /// The one of a, b, c that is nearest to a + b - c; on a tie the first. With lo and hi for the lesser and the
    /// greater of a and b and t = 3c - a - b: hi is nearest when t is at most lo, lo when hi is at most t, else c. This
    /// has no absolute values, so that less waits for the pixel to the left.
    /// </summary>
    private static int Nearest(int a, int b, int c)
    {
        int t = (3 * c) - b - a;
        int lo = Math.Min(a, b);
        int hi = Math.Max(a, b);
        int nearest = hi <= t ? lo : c;
        return t <= lo ? hi : nearest;
    }
}
