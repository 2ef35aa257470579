using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>
/// Eight floats: rows of a strip where the box runs along rows, columns where it runs along columns, with a
/// 8 x 8 transpose from one to the other.
/// </content>
internal unsafe ref partial struct JaroszFilter
{
    private const int StripRows256 = 8;

    private readonly void FilterStrip256(float* pixels, int time)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        bool hasRows = time < _down.Length;
        float* entered = _entered + (_across.Window * StripRows256);
        float* enteredAgain = _enteredAgain + (_across.Window * StripRows256);
        float** entering = stackalloc float*[StripRows256];
        float** leaving = stackalloc float*[StripRows256];
        float* counts = stackalloc float[2 * StripRows256];
        for (int i = 0; i < StripRows256; i++)
        {
            entering[i] = Entering(time + i);
            leaving[i] = Leaving(time + i);
            counts[i] = _down.Count(time + i);
            counts[StripRows256 + i] = 1 / counts[i];
        }

        ClearHistory(_entered);
        ClearHistory(_enteredAgain);
        Vector256<float> sums = default;
        Vector256<float> sumsAgain = default;
        int line = 0;
        for (int t = 0; t < _stride; t += _chunk)
        {
            int columns = Math.Min(_chunk, _stride - t);
            if (hasRows)
            {
                float* source = SourceChunk(pixels, time, t, columns, out int sourceStride);
                Prefetch(source + _chunk, sourceStride);
                Transpose256(source, sourceStride, entered, StripRows256, columns);
                sums = BoxAcross256(t, columns, sums);
                KeepHistory(_entered, columns);
                float* ring = entering[0] + t;
                for (int c = 0; c < columns; c += 8)
                {
                    Transpose256(_quotients + (c * StripRows256), StripRows256, ring + c, _stride, 8);
                }
            }

            BoxDown256(entering, leaving, counts, t, columns);
            Transpose256(_strip, _chunk, enteredAgain, StripRows256, columns);
            for (int early = t; early < Math.Min(_across.Lag, t + columns); early++)
            {
                Vector256.Store(default(Vector256<float>), enteredAgain + ((early - t) * StripRows256));
            }

            sumsAgain = BoxAcrossAtLines256(t, columns, sumsAgain, ref line);
            KeepHistory(_enteredAgain, columns);
        }

        for (int c = 0; c < Lines; c += 8)
        {
            Transpose256(_lineColumns + (c * StripRows256), StripRows256, _lines + c, Lines, 8);
        }
    }

    /// <summary>First pass over one chunk: the quotients of all its times.</summary>
    private readonly Vector256<float> BoxAcross256(int time, int columns, Vector256<float> sums)
    {
        float* leaving = _entered;
        float* entering = leaving + (_across.Window * StripRows256);
        float* quotients = _quotients;
        for (int t = time; t < time + columns;)
        {
            int end = Math.Min(time + columns, NextCountAcross(t));
            Vector256<float> count = Vector256.Create((float)_across.Count(t));
            Vector256<float> reciprocal = Vector256<float>.One / count;
            for (; t < end; t++)
            {
                sums += Vector256.Load(entering);
                sums -= Vector256.Load(leaving);
                Vector256.Store(Divide(sums, count, reciprocal), quotients);
                entering += StripRows256;
                leaving += StripRows256;
                quotients += StripRows256;
            }
        }

        return sums;
    }

    /// <summary>Second pass over one chunk: the column sums move down by a strip.</summary>
    private readonly void BoxDown256(float** entering, float** leaving, float* counts, int time, int columns)
    {
        for (int c = 0; c < columns; c += 2 * StripRows256)
        {
            float* sums = _columnSums + time + c;
            float* quotients = _strip + c;
            Vector256<float> sums0 = Vector256.Load(sums);
            Vector256<float> sums1 = Vector256.Load(sums + StripRows256);
            for (int i = 0; i < StripRows256; i++)
            {
                float* enters = entering[i] + time + c;
                float* leaves = leaving[i] + time + c;
                Vector256<float> count = Vector256.Create(counts[i]);
                Vector256<float> reciprocal = Vector256.Create(counts[StripRows256 + i]);
                sums0 += Vector256.Load(enters);
                sums1 += Vector256.Load(enters + StripRows256);
                sums0 -= Vector256.Load(leaves);
                sums1 -= Vector256.Load(leaves + StripRows256);
                Vector256.Store(Divide(sums0, count, reciprocal), quotients);
                Vector256.Store(Divide(sums1, count, reciprocal), quotients + StripRows256);
                quotients += _chunk;
            }

            Vector256.Store(sums0, sums);
            Vector256.Store(sums1, sums + StripRows256);
        }
    }

    /// <summary>Third pass over one chunk: quotients at the decimated columns only.</summary>
    private readonly Vector256<float> BoxAcrossAtLines256(
        int time, int columns, Vector256<float> sums, ref int line)
    {
        float* leaving = _enteredAgain;
        float* entering = leaving + (_across.Window * StripRows256);
        int t = time;
        while (line < Lines)
        {
            int last = _across.Sample(line) + _across.Lag;
            int end = Math.Min(last + _across.Lag + 1, time + columns);
            for (; t < end; t++)
            {
                sums += Vector256.Load(entering);
                sums -= Vector256.Load(leaving);
                entering += StripRows256;
                leaving += StripRows256;
            }

            if (last + _across.Lag >= time + columns)
            {
                break;
            }

            Vector256<float> count = Vector256.Create((float)_across.Count(last));
            Vector256.Store(sums / count, _lineColumns + (line * StripRows256));
            line++;
        }

        return sums;
    }

    private readonly void StepDown256(float* entering, float* leaving, float count, float* line)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V256));
        Vector256<float> counts = Vector256.Create(count);
        for (int j = 0; j < Lines; j += 8)
        {
            Vector256<float> sums = Vector256.Load(_tailSums + j) + Vector256.Load(entering + j);
            sums -= Vector256.Load(leaving + j);
            Vector256.Store(sums, _tailSums + j);
            if (count > 0)
            {
                Vector256.Store(sums / counts, line + j);
            }
        }
    }

    /// <summary>
    /// The true quotient, sooner than by dividing: the product with the rounded reciprocal, put right by its exact
    /// remainder. Holds for every float that does not underflow and every count up to
    /// <see cref="MaxWindowOfReciprocal"/>: all significands were tried against all odd counts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Divide(
        Vector256<float> sums, Vector256<float> count, Vector256<float> reciprocal)
    {
        Vector256<float> quotient = sums * reciprocal;
        Vector256<float> remainder = Vector256.FusedMultiplyAdd(-quotient, count, sums);
        return Vector256.FusedMultiplyAdd(remainder, reciprocal, quotient);
    }

    /// <summary>Turns eight rows into columns; as many columns as a multiple of eight.</summary>
    private static void Transpose256(
        float* source, int sourceStride, float* destination, int destinationStride, int columns)
    {
        for (int c = 0; c < columns; c += 8)
        {
            float* from = source + c;
            float* to = destination + ((long)c * destinationStride);
            for (int half = 0; half < 2; half++)
            {
                // One column of two 128-bit lanes: rows 0-3 and 4-7 at four columns.
                Vector256<float> rows0 = Gather256(from, sourceStride);
                Vector256<float> rows1 = Gather256(from + sourceStride, sourceStride);
                Vector256<float> rows2 = Gather256(from + (2 * (long)sourceStride), sourceStride);
                Vector256<float> rows3 = Gather256(from + (3 * (long)sourceStride), sourceStride);
                Vector256<double> low01 = Avx.UnpackLow(rows0, rows1).AsDouble();
                Vector256<double> high01 = Avx.UnpackHigh(rows0, rows1).AsDouble();
                Vector256<double> low23 = Avx.UnpackLow(rows2, rows3).AsDouble();
                Vector256<double> high23 = Avx.UnpackHigh(rows2, rows3).AsDouble();
                Vector256.Store(Avx.UnpackLow(low01, low23).AsSingle(), to);
                Vector256.Store(Avx.UnpackHigh(low01, low23).AsSingle(), to + destinationStride);
                Vector256.Store(Avx.UnpackLow(high01, high23).AsSingle(), to + (2 * (long)destinationStride));
                Vector256.Store(Avx.UnpackHigh(high01, high23).AsSingle(), to + (3 * (long)destinationStride));
                from += 4;
                to += 4 * (long)destinationStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gather256(float* source, int stride)
    {
        Vector256<float> rows = Vector128.Load(source).ToVector256Unsafe();
        return Avx.InsertVector128(rows, Vector128.Load(source + (4 * (long)stride)), 1);
    }
}
