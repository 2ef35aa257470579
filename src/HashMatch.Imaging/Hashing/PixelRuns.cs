using System.Numerics;
using System.Runtime.InteropServices;

namespace HashMatch.Imaging.Hashing;

/// <summary>How far a row stays near a value.</summary>
internal static class PixelRuns
{
    /// <summary>Pixels from the left that are at most <paramref name="tolerance"/> from a value.</summary>
    public static int FromLeft(ReadOnlySpan<float> row, float value, float tolerance)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        int whole = 0;
        while (whole < vectors.Length && IsNear(vectors[whole], value, tolerance))
        {
            whole++;
        }

        int x = whole * Vector<float>.Count;
        while (x < row.Length && MathF.Abs(row[x] - value) <= tolerance)
        {
            x++;
        }

        return x;
    }

    /// <summary>The same from the right.</summary>
    public static int FromRight(ReadOnlySpan<float> row, float value, float tolerance)
    {
        int rest = row.Length % Vector<float>.Count;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row[rest..]);
        int whole = 0;
        while (whole < vectors.Length && IsNear(vectors[^(whole + 1)], value, tolerance))
        {
            whole++;
        }

        int run = whole * Vector<float>.Count;
        while (run < row.Length && MathF.Abs(row[^(run + 1)] - value) <= tolerance)
        {
            run++;
        }

        return run;
    }

    /// <summary>Adds to each sum how far its pixel is from a value.</summary>
    /// <param name="row">At least as long as <paramref name="sums"/>.</param>
    /// <param name="value">0 to 255.</param>
    /// <param name="sums">One a pixel.</param>
    public static void AddDeviations(ReadOnlySpan<float> row, float value, Span<float> sums)
    {
        Span<Vector<float>> sumVectors = MemoryMarshal.Cast<float, Vector<float>>(sums);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row[..sums.Length]);
        Vector<float> values = new(value);
        for (int i = 0; i < sumVectors.Length; i++)
        {
            sumVectors[i] += Vector.Abs(vectors[i] - values);
        }

        for (int x = sumVectors.Length * Vector<float>.Count; x < sums.Length; x++)
        {
            sums[x] += MathF.Abs(row[x] - value);
        }
    }

    private static bool IsNear(Vector<float> pixels, float value, float tolerance) =>
        Vector.LessThanOrEqualAll(Vector.Abs(pixels - new Vector<float>(value)), new Vector<float>(tolerance));
}
