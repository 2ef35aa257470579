using System.Numerics;
using System.Runtime.Intrinsics;

namespace HashMatch.Imaging.Png;

/// <summary>
/// Undoes the filter of a row in place (W3C PNG, section 9): x is a filtered byte; a the byte one pixel to its left, b
/// the one above it, c the one above a, all unfiltered, zero outside of the picture. All sums are modulo 256.
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
    /// <param name="row">The bytes behind it; unfiltered afterwards.</param>
    /// <param name="above">The row above, unfiltered; zeros above the first. As long as the row.</param>
    /// <param name="pixelBytes">Bytes of a whole pixel, 1 to 4; 1 where pixels share a byte.</param>
    /// <returns>False, and nothing done, for a filter that does not exist.</returns>
    public static bool TryUndo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes) =>
        TryUndo(filter, row, above, pixelBytes, Vector128.IsHardwareAccelerated);

    internal static bool TryUndo(
        byte filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes, bool isVectored)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(above.Length, row.Length);

        // A shorter row has nothing that vectors could do, and a pixel to the left must be in the row.
        bool isWide = isVectored && pixelBytes is 3 or 4 && row.Length >= 8;
        switch (filter)
        {
            case None:
                return true;
            case Sub:
                UndoSub(row, pixelBytes, isWide ? UndoSub128(row, pixelBytes) : 0);
                return true;
            case Up:
                UndoUp(row, above, isVectored ? UndoUpVector(row, above) : 0);
                return true;
            case Average:
                UndoAverage(row, above, pixelBytes, isWide ? UndoAverage128(row, above, pixelBytes) : 0);
                return true;
            case Paeth:
                UndoPaeth(row, above, pixelBytes, isWide ? UndoPaeth128(row, above, pixelBytes) : 0);
                return true;
            default:
                return false;
        }
    }

    private static void UndoSub(Span<byte> row, int pixelBytes, int start)
    {
        for (int i = Math.Max(start, pixelBytes); i < row.Length; i++)
        {
            row[i] += row[i - pixelBytes];
        }
    }

    private static int UndoUpVector(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        }

        return i;
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above, int start)
    {
        for (int i = start; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes, int start)
    {
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = start; i < first; i++)
        {
            row[i] += (byte)(above[i] >> 1);
        }

        for (int i = Math.Max(start, first); i < row.Length; i++)
        {
            row[i] += (byte)((row[i - pixelBytes] + above[i]) >> 1);
        }
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes, int start)
    {
        int first = Math.Min(pixelBytes, row.Length);
        for (int i = start; i < first; i++)
        {
            row[i] += above[i];
        }

        if (pixelBytes == 1 && row.Length > 0)
        {
            UndoPaeth1(row, above);
            return;
        }

        for (int i = Math.Max(start, first); i < row.Length; i++)
        {
            row[i] += (byte)Nearest(row[i - pixelBytes], above[i], above[i - pixelBytes]);
        }
    }

    // The neighbours stay in registers: one byte a pixel has no other parallelism to offer.
    private static void UndoPaeth1(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int a = row[0];
        int c = above[0];
        for (int i = 1; i < row.Length; i++)
        {
            int b = above[i];
            a = (byte)(row[i] + Nearest(a, b, c));
            row[i] = (byte)a;
            c = b;
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
