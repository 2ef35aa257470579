using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <content>
/// Four floats: rows of a strip where the box runs along rows, columns where it runs along columns, with a
/// 4 x 4 transpose from one to the other.
/// </content>
internal unsafe ref partial struct JaroszFilter
{
    private const int StripRows128 = 4;

    private readonly void FilterStrip128(float* pixels, int time)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        bool hasRows = time < _down.Length;
        float* entered = _entered + (_across.Window * StripRows128);
        float* enteredAgain = _enteredAgain + (_across.Window * StripRows128);
        float** entering = stackalloc float*[StripRows128];
        float** leaving = stackalloc float*[StripRows128];
        float* counts = stackalloc float[2 * StripRows128];
        for (int i = 0; i < StripRows128; i++)
        {
            entering[i] = Entering(time + i);
            leaving[i] = Leaving(time + i);
            counts[i] = _down.Count(time + i);
            counts[StripRows128 + i] = 1 / counts[i];
        }

        ClearHistory(_entered);
        ClearHistory(_enteredAgain);
        Vector128<float> sums = default;
        Vector128<float> sumsAgain = default;
        int line = 0;
        for (int t = 0; t < _stride; t += _chunk)
        {
            int columns = Math.Min(_chunk, _stride - t);
            if (hasRows)
            {
                float* source = SourceChunk(pixels, time, t, columns, out int sourceStride);
                Transpose128(source, sourceStride, entered, StripRows128, columns);
                sums = BoxAcross128(t, columns, sums);
                KeepHistory(_entered, columns);
                float* ring = entering[0] + t;
                for (int c = 0; c < columns; c += 4)
                {
                    Transpose128(_quotients + (c * StripRows128), StripRows128, ring + c, _stride, 4);
                }
            }

            BoxDown128(entering, leaving, counts, t, columns);
            Transpose128(_strip, _chunk, enteredAgain, StripRows128, columns);
            for (int early = t; early < Math.Min(_across.Lag, t + columns); early++)
            {
                Vector128.Store(default(Vector128<float>), enteredAgain + ((early - t) * StripRows128));
            }

            sumsAgain = BoxAcrossAtLines128(t, columns, sumsAgain, ref line);
            KeepHistory(_enteredAgain, columns);
        }

        for (int c = 0; c < Lines; c += 4)
        {
            Transpose128(_lineColumns + (c * StripRows128), StripRows128, _lines + c, Lines, 4);
        }
    }

    /// <summary>First pass over one chunk: the quotients of all its times.</summary>
    private readonly Vector128<float> BoxAcross128(int time, int columns, Vector128<float> sums)
    {
        float* leaving = _entered;
        float* entering = leaving + (_across.Window * StripRows128);
        float* quotients = _quotients;
        for (int t = time; t < time + columns;)
        {
            int end = Math.Min(time + columns, NextCountAcross(t));
            Vector128<float> count = Vector128.Create((float)_across.Count(t));
            Vector128<float> reciprocal = Vector128<float>.One / count;
            for (; t < end; t++)
            {
                sums += Vector128.Load(entering);
                sums -= Vector128.Load(leaving);
                Vector128.Store(Divide(sums, count, reciprocal), quotients);
                entering += StripRows128;
                leaving += StripRows128;
                quotients += StripRows128;
            }
        }

        return sums;
    }

    /// <summary>Second pass over one chunk: the column sums move down by a strip.</summary>
    private readonly void BoxDown128(float** entering, float** leaving, float* counts, int time, int columns)
    {
        for (int c = 0; c < columns; c += 2 * StripRows128)
        {
            float* sums = _columnSums + time + c;
            float* quotients = _strip + c;
            Vector128<float> sums0 = Vector128.Load(sums);
            Vector128<float> sums1 = Vector128.Load(sums + StripRows128);
            for (int i = 0; i < StripRows128; i++)
            {
                float* enters = entering[i] + time + c;
                float* leaves = leaving[i] + time + c;
                Vector128<float> count = Vector128.Create(counts[i]);
                Vector128<float> reciprocal = Vector128.Create(counts[StripRows128 + i]);
                sums0 += Vector128.Load(enters);
                sums1 += Vector128.Load(enters + StripRows128);
                sums0 -= Vector128.Load(leaves);
                sums1 -= Vector128.Load(leaves + StripRows128);
                Vector128.Store(Divide(sums0, count, reciprocal), quotients);
                Vector128.Store(Divide(sums1, count, reciprocal), quotients + StripRows128);
                quotients += _chunk;
            }

            Vector128.Store(sums0, sums);
            Vector128.Store(sums1, sums + StripRows128);
        }
    }

    /// <summary>Third pass over one chunk: quotients at the decimated columns only.</summary>
    private readonly Vector128<float> BoxAcrossAtLines128(
        int time, int columns, Vector128<float> sums, ref int line)
    {
        float* leaving = _enteredAgain;
        float* entering = leaving + (_across.Window * StripRows128);
        int t = time;
        while (line < Lines)
        {
            int last = _across.Sample(line) + _across.Lag;
            int end = Math.Min(last + _across.Lag + 1, time + columns);
            for (; t < end; t++)
            {
                sums += Vector128.Load(entering);
                sums -= Vector128.Load(leaving);
                entering += StripRows128;
                leaving += StripRows128;
            }

            if (last + _across.Lag >= time + columns)
            {
                break;
            }

            Vector128<float> count = Vector128.Create((float)_across.Count(last));
            Vector128.Store(sums / count, _lineColumns + (line * StripRows128));
            line++;
        }

        return sums;
    }

    private readonly void StepDown128(float* entering, float* leaving, float count, float* line)
    {
        Debug.Assert(VectorWidths.IsSupported(VectorWidth.V128));
        Vector128<float> counts = Vector128.Create(count);
        for (int j = 0; j < Lines; j += 4)
        {
            Vector128<float> sums = Vector128.Load(_tailSums + j) + Vector128.Load(entering + j);
            sums -= Vector128.Load(leaving + j);
            Vector128.Store(sums, _tailSums + j);
            if (count > 0)
            {
                Vector128.Store(sums / counts, line + j);
            }
        }
    }

    /// <summary>
    /// The true quotient, sooner than by dividing: the product with the rounded reciprocal, put right by its exact
    /// remainder. Holds for every float that does not underflow and every count up to
    /// <see cref="MaxWindowOfReciprocal"/>: all significands were tried against all odd counts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Divide(
        Vector128<float> sums, Vector128<float> count, Vector128<float> reciprocal)
    {
        if (!Fma.IsSupported && !AdvSimd.IsSupported)
        {
            return sums / count;
        }

        Vector128<float> quotient = sums * reciprocal;
        Vector128<float> remainder = Vector128.FusedMultiplyAdd(-quotient, count, sums);
        return Vector128.FusedMultiplyAdd(remainder, reciprocal, quotient);
    }

    /// <summary>Turns four rows into columns; as many columns as a multiple of four.</summary>
    private static void Transpose128(
        float* source, int sourceStride, float* destination, int destinationStride, int columns)
    {
        for (int c = 0; c < columns; c += 4)
        {
            float* from = source + c;
            float* to = destination + ((long)c * destinationStride);
            Vector128<float> rows0 = Vector128.Load(from);
            Vector128<float> rows1 = Vector128.Load(from + sourceStride);
            Vector128<float> rows2 = Vector128.Load(from + (2 * (long)sourceStride));
            Vector128<float> rows3 = Vector128.Load(from + (3 * (long)sourceStride));
            Vector128<double> low01 = ZipLow(rows0, rows1).AsDouble();
            Vector128<double> high01 = ZipHigh(rows0, rows1).AsDouble();
            Vector128<double> low23 = ZipLow(rows2, rows3).AsDouble();
            Vector128<double> high23 = ZipHigh(rows2, rows3).AsDouble();
            Vector128.Store(ZipLow(low01, low23).AsSingle(), to);
            Vector128.Store(ZipHigh(low01, low23).AsSingle(), to + destinationStride);
            Vector128.Store(ZipLow(high01, high23).AsSingle(), to + (2 * (long)destinationStride));
            Vector128.Store(ZipHigh(high01, high23).AsSingle(), to + (3 * (long)destinationStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> first, Vector128<float> second) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(first, second) : Sse.UnpackLow(first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> first, Vector128<float> second) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(first, second) : Sse.UnpackHigh(first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipLow(Vector128<double> first, Vector128<double> second) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(first, second) : Sse2.UnpackLow(first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipHigh(Vector128<double> first, Vector128<double> second) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(first, second) : Sse2.UnpackHigh(first, second);
}
