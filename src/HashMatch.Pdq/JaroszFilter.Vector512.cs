using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>
/// Sixteen floats: rows of a strip where the box runs along rows, columns where it runs along columns, with a
/// 16 x 16 transpose from one to the other.
/// </content>
internal unsafe ref partial struct JaroszFilter
{
    private const int StripRows512 = 16;

    private readonly void FilterStrip512(float* pixels, int time)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        bool hasRows = time < _down.Length;
        float* entered = _entered + (_across.Window * StripRows512);
        float* enteredAgain = _enteredAgain + (_across.Window * StripRows512);
        float** entering = stackalloc float*[StripRows512];
        float** leaving = stackalloc float*[StripRows512];
        float* counts = stackalloc float[2 * StripRows512];
        for (int i = 0; i < StripRows512; i++)
        {
            entering[i] = Entering(time + i);
            leaving[i] = Leaving(time + i);
            counts[i] = _down.Count(time + i);
            counts[StripRows512 + i] = 1 / counts[i];
        }

        ClearHistory(_entered);
        ClearHistory(_enteredAgain);
        Vector512<float> sums = default;
        Vector512<float> sumsAgain = default;
        int line = 0;
        for (int t = 0; t < _stride; t += _chunk)
        {
            int columns = Math.Min(_chunk, _stride - t);
            if (hasRows)
            {
                float* source = SourceChunk(pixels, time, t, columns, out int sourceStride);
                Prefetch(source + _chunk, sourceStride);
                Transpose512(source, sourceStride, entered, StripRows512, columns);
                sums = BoxAcross512(t, columns, sums);
                KeepHistory(_entered, columns);
                float* ring = entering[0] + t;
                for (int c = 0; c < columns; c += 16)
                {
                    Transpose512(_quotients + (c * StripRows512), StripRows512, ring + c, _stride, 16);
                }
            }

            BoxDown512(entering, leaving, counts, t, columns);
            Transpose512(_strip, _chunk, enteredAgain, StripRows512, columns);
            for (int early = t; early < Math.Min(_across.Lag, t + columns); early++)
            {
                Vector512.Store(default(Vector512<float>), enteredAgain + ((early - t) * StripRows512));
            }

            sumsAgain = BoxAcrossAtLines512(t, columns, sumsAgain, ref line);
            KeepHistory(_enteredAgain, columns);
        }

        for (int c = 0; c < Lines; c += 16)
        {
            Transpose512(_lineColumns + (c * StripRows512), StripRows512, _lines + c, Lines, 16);
        }
    }

    /// <summary>First pass over one chunk: the quotients of all its times.</summary>
    private readonly Vector512<float> BoxAcross512(int time, int columns, Vector512<float> sums)
    {
        float* leaving = _entered;
        float* entering = leaving + (_across.Window * StripRows512);
        float* quotients = _quotients;
        for (int t = time; t < time + columns;)
        {
            int end = Math.Min(time + columns, NextCountAcross(t));
            Vector512<float> count = Vector512.Create((float)_across.Count(t));
            Vector512<float> reciprocal = Vector512<float>.One / count;
            for (; t < end; t++)
            {
                sums += Vector512.Load(entering);
                sums -= Vector512.Load(leaving);
                Vector512.Store(Divide(sums, count, reciprocal), quotients);
                entering += StripRows512;
                leaving += StripRows512;
                quotients += StripRows512;
            }
        }

        return sums;
    }

    /// <summary>Second pass over one chunk: the column sums move down by a strip.</summary>
    private readonly void BoxDown512(float** entering, float** leaving, float* counts, int time, int columns)
    {
        for (int c = 0; c < columns; c += 2 * StripRows512)
        {
            float* sums = _columnSums + time + c;
            float* quotients = _strip + c;
            Vector512<float> sums0 = Vector512.Load(sums);
            Vector512<float> sums1 = Vector512.Load(sums + StripRows512);
            for (int i = 0; i < StripRows512; i++)
            {
                float* enters = entering[i] + time + c;
                float* leaves = leaving[i] + time + c;
                Vector512<float> count = Vector512.Create(counts[i]);
                Vector512<float> reciprocal = Vector512.Create(counts[StripRows512 + i]);
                sums0 += Vector512.Load(enters);
                sums1 += Vector512.Load(enters + StripRows512);
                sums0 -= Vector512.Load(leaves);
                sums1 -= Vector512.Load(leaves + StripRows512);
                Vector512.Store(Divide(sums0, count, reciprocal), quotients);
                Vector512.Store(Divide(sums1, count, reciprocal), quotients + StripRows512);
                quotients += _chunk;
            }

            Vector512.Store(sums0, sums);
            Vector512.Store(sums1, sums + StripRows512);
        }
    }

    /// <summary>Third pass over one chunk: quotients at the decimated columns only.</summary>
    private readonly Vector512<float> BoxAcrossAtLines512(
        int time, int columns, Vector512<float> sums, ref int line)
    {
        float* leaving = _enteredAgain;
        float* entering = leaving + (_across.Window * StripRows512);
        int t = time;
        while (line < Lines)
        {
            int last = _across.Sample(line) + _across.Lag;
            int end = Math.Min(last + _across.Lag + 1, time + columns);
            for (; t < end; t++)
            {
                sums += Vector512.Load(entering);
                sums -= Vector512.Load(leaving);
                entering += StripRows512;
                leaving += StripRows512;
            }

            if (last + _across.Lag >= time + columns)
            {
                break;
            }

            Vector512<float> count = Vector512.Create((float)_across.Count(last));
            Vector512.Store(sums / count, _lineColumns + (line * StripRows512));
            line++;
        }

        return sums;
    }

    private readonly void StepDown512(float* entering, float* leaving, float count, float* line)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V512));
        Vector512<float> counts = Vector512.Create(count);
        for (int j = 0; j < Lines; j += 16)
        {
            Vector512<float> sums = Vector512.Load(_tailSums + j) + Vector512.Load(entering + j);
            sums -= Vector512.Load(leaving + j);
            Vector512.Store(sums, _tailSums + j);
            if (count > 0)
            {
                Vector512.Store(sums / counts, line + j);
            }
        }
    }

    /// <summary>
    /// The true quotient, sooner than by dividing: the product with the rounded reciprocal, put right by its exact
    /// remainder. Holds for every float that does not underflow and every count up to
    /// <see cref="MaxWindowOfReciprocal"/>: all significands were tried against all odd counts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Divide(
        Vector512<float> sums, Vector512<float> count, Vector512<float> reciprocal)
    {
        Vector512<float> quotient = sums * reciprocal;
        Vector512<float> remainder = Vector512.FusedMultiplyAdd(-quotient, count, sums);
        return Vector512.FusedMultiplyAdd(remainder, reciprocal, quotient);
    }

    /// <summary>Turns sixteen rows into columns; as many columns as a multiple of sixteen.</summary>
    private static void Transpose512(
        float* source, int sourceStride, float* destination, int destinationStride, int columns)
    {
        for (int c = 0; c < columns; c += 16)
        {
            float* from = source + c;
            float* to = destination + ((long)c * destinationStride);
            for (int quarter = 0; quarter < 4; quarter++)
            {
                // One column of four 128-bit lanes: rows 0-3, 4-7, 8-11, 12-15 at four columns.
                Vector512<float> rows0 = Gather512(from, sourceStride);
                Vector512<float> rows1 = Gather512(from + sourceStride, sourceStride);
                Vector512<float> rows2 = Gather512(from + (2 * (long)sourceStride), sourceStride);
                Vector512<float> rows3 = Gather512(from + (3 * (long)sourceStride), sourceStride);
                Vector512<double> low01 = Avx512F.UnpackLow(rows0, rows1).AsDouble();
                Vector512<double> high01 = Avx512F.UnpackHigh(rows0, rows1).AsDouble();
                Vector512<double> low23 = Avx512F.UnpackLow(rows2, rows3).AsDouble();
                Vector512<double> high23 = Avx512F.UnpackHigh(rows2, rows3).AsDouble();
                Vector512.Store(Avx512F.UnpackLow(low01, low23).AsSingle(), to);
                Vector512.Store(Avx512F.UnpackHigh(low01, low23).AsSingle(), to + destinationStride);
                Vector512.Store(Avx512F.UnpackLow(high01, high23).AsSingle(), to + (2 * (long)destinationStride));
                Vector512.Store(Avx512F.UnpackHigh(high01, high23).AsSingle(), to + (3 * (long)destinationStride));
                from += 4;
                to += 4 * (long)destinationStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather512(float* source, int stride)
    {
        long step = 4 * (long)stride;
        Vector512<float> rows = Vector128.Load(source).ToVector256Unsafe().ToVector512Unsafe();
        rows = Avx512DQ.InsertVector128(rows, Vector128.Load(source + step), 1);
        rows = Avx512DQ.InsertVector128(rows, Vector128.Load(source + (2 * step)), 2);
        return Avx512DQ.InsertVector128(rows, Vector128.Load(source + (3 * step)), 3);
    }
}
