using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Pdq;

/// <summary>
/// The reference's filter and decimation: box along rows, box along columns, both twice, then 64 x 64 samples, every
/// sum and quotient in the reference's order, so the same bits. The picture is taken in strips of rows: what the first
/// two passes leave is kept for one window of rows only, the third pass divides at 64 columns only, the fourth
/// at 64 rows only. Adding or subtracting 0 stands for a sample that is not there; that changes no bit.
/// </summary>
internal unsafe ref partial struct JaroszFilter
{
    private const int Lines = BoxGeometry.Lines;

    // A picture over this many floats comes from memory, not from a cache: there asking ahead pays.
    private const long PrefetchedFloats = 2 * 1024 * 1024;

    // Up to here a quotient from the reciprocal is known to be the true one; see Divide.
    private const int MaxWindowOfReciprocal = 1023;

    private readonly BoxGeometry _across;
    private readonly BoxGeometry _down;
    private readonly int _stripRows;
    private readonly int _times;
    private readonly int _stride;
    private readonly int _chunk;
    private readonly int _ringRows;
    private readonly int _tailRows;
    private readonly Scratch _scratch;

    // First pass: rows by time, the last window of them and the strip at work; then a row of zeros.
    private readonly float* _ring;
    private readonly float* _zeroRow;

    // Second pass: one sum a column, and the strip's quotients, for vectors those of one chunk of columns.
    private readonly float* _columnSums;
    private readonly float* _strip;

    // Third pass: 64 samples for every row of the strip. Fourth pass: the last window of those rows.
    private readonly float* _lines;
    private readonly float* _tail;
    private readonly float* _tailSums;

    // Vectors only, by columns, one float a strip row: what entered the box of the first and of the third pass, each
    // with a window of history before it, then quotients of either, then rows that need padding.
    private readonly float* _entered;
    private readonly float* _enteredAgain;
    private readonly float* _quotients;
    private readonly float* _lineColumns;
    private readonly float* _padded;

    private JaroszFilter(int width, int height, VectorWidth vectors)
    {
        _across = new BoxGeometry(width);
        _down = new BoxGeometry(height);
        int stripRows = StripRows(vectors);
        _stripRows = stripRows;
        _times = _across.LastTime + 1;
        _stride = RoundUp(_times, 32);
        _chunk = Math.Min(_stride, RoundUp(Math.Max(64, _across.Window), 32));
        _ringRows = RoundUp(_down.Window, stripRows) + stripRows;
        _tailRows = _down.Window + 1;
        long ringFloats = (long)_ringRows * _stride;
        long zeroFloats = Math.Max(_stride, Lines);
        long stripFloats = (long)stripRows * (vectors == VectorWidth.Scalar ? _stride : _chunk);
        long lineFloats = (long)stripRows * Lines;
        long tailFloats = (long)_tailRows * Lines;
        long chunkFloats = (long)stripRows * _chunk;
        long historyFloats = (long)stripRows * _across.Window;
        _scratch = Scratch.Rent(
            Scratch.BytesFor(ringFloats) + Scratch.BytesFor(zeroFloats) + Scratch.BytesFor(_stride)
            + Scratch.BytesFor(stripFloats)
            + (2 * Scratch.BytesFor(lineFloats)) + Scratch.BytesFor(tailFloats) + Scratch.BytesFor(Lines)
            + (2 * Scratch.BytesFor(historyFloats + chunkFloats)) + (2 * Scratch.BytesFor(chunkFloats)));
        _ring = _scratch.Take(ringFloats);
        _zeroRow = _scratch.Take(zeroFloats);
        _columnSums = _scratch.Take(_stride);
        _strip = _scratch.Take(stripFloats);
        _lines = _scratch.Take(lineFloats);
        _tail = _scratch.Take(tailFloats);
        _tailSums = _scratch.Take(Lines);
        _entered = _scratch.Take(historyFloats + chunkFloats);
        _enteredAgain = _scratch.Take(historyFloats + chunkFloats);
        _quotients = _scratch.Take(chunkFloats);
        _lineColumns = _scratch.Take(lineFloats);
        _padded = _scratch.Take(chunkFloats);
    }

    /// <summary>Filters and decimates full-size luma.</summary>
    /// <param name="pixels">Rows of <paramref name="width"/> floats, no gap between them.</param>
    /// <param name="width">5 or more.</param>
    /// <param name="height">5 or more.</param>
    /// <param name="block">64 x 64 samples, row-major.</param>
    /// <param name="vectors">Must be supported.</param>
    public static void Decimate(float* pixels, int width, int height, float* block, VectorWidth vectors)
    {
        if (Math.Max(width, height) > MaxWindowOfReciprocal * 128)
        {
            vectors = VectorWidth.Scalar;
        }

        JaroszFilter filter = new(width, height, vectors);
        try
        {
            int nextLine = 0;
            for (int time = 0; nextLine < Lines; time += filter._stripRows)
            {
                filter.FilterStrip(pixels, time, vectors);
                nextLine = filter.FinishStrip(time, nextLine, block, vectors);
            }
        }
        finally
        {
            filter._scratch.Dispose();
        }
    }

    private static int StripRows(VectorWidth vectors) => vectors switch
    {
        VectorWidth.V512 => StripRows512,
        VectorWidth.V256 => StripRows256,
        VectorWidth.V128 => StripRows128,
        _ => StripRowsScalar,
    };

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    private readonly void FilterStrip(float* pixels, int time, VectorWidth vectors)
    {
        switch (vectors)
        {
            case VectorWidth.V512:
                FilterStrip512(pixels, time);
                break;
            case VectorWidth.V256:
                FilterStrip256(pixels, time);
                break;
            case VectorWidth.V128:
                FilterStrip128(pixels, time);
                break;
            default:
                FilterStripScalar(pixels, time);
                break;
        }
    }

    /// <summary>The fourth pass over one strip; returns the next decimated row that is still wanted.</summary>
    private readonly int FinishStrip(int time, int nextLine, float* block, VectorWidth vectors)
    {
        for (int i = 0; i < _stripRows && nextLine < Lines; i++)
        {
            int row = time + i - _down.Lag;
            if (row < 0)
            {
                continue;
            }

            float* entering = _tail + ((long)(row % _tailRows) * Lines);
            new ReadOnlySpan<float>(_lines + (i * Lines), Lines).CopyTo(new Span<float>(entering, Lines));
            float* leaving = row >= _down.Window
                ? _tail + ((long)((row - _down.Window) % _tailRows) * Lines)
                : _zeroRow;
            float* line = block + (nextLine * Lines);
            bool isWanted = _down.Sample(nextLine) + _down.Lag == row;
            StepDown(entering, leaving, isWanted ? _down.Count(row) : 0, line, vectors);
            if (!isWanted)
            {
                continue;
            }

            // A picture under 64 rows gives some of them more than once.
            for (nextLine++; nextLine < Lines && _down.Sample(nextLine) + _down.Lag == row; nextLine++)
            {
                new ReadOnlySpan<float>(line, Lines).CopyTo(new Span<float>(block + (nextLine * Lines), Lines));
            }
        }

        return nextLine;
    }

    /// <summary>
    /// One row into, one row out of the 64 sums of the fourth pass, and their quotients if asked for.
    /// </summary>
    private readonly void StepDown(float* entering, float* leaving, float count, float* line, VectorWidth vectors)
    {
        switch (vectors)
        {
            case VectorWidth.V512:
                StepDown512(entering, leaving, count, line);
                break;
            case VectorWidth.V256:
                StepDown256(entering, leaving, count, line);
                break;
            case VectorWidth.V128:
                StepDown128(entering, leaving, count, line);
                break;
            default:
                StepDownScalar(entering, leaving, count, line);
                break;
        }
    }

    private readonly float* RingRow(int time) => _ring + ((long)(time % _ringRows) * _stride);

    /// <summary>What enters the column sums at a time.</summary>
    private readonly float* Entering(int time) => time < _down.Length ? RingRow(time) : _zeroRow;

    /// <summary>What leaves the column sums at a time.</summary>
    private readonly float* Leaving(int time) => time >= _down.Window ? RingRow(time - _down.Window) : _zeroRow;

    /// <summary>
    /// Rows of a strip from one column on, for a transpose that takes whole vectors: the picture itself, or a copy
    /// padded with zeros where it ends.
    /// </summary>
    private readonly float* SourceChunk(float* pixels, int time, int column, int columns, out int stride)
    {
        stride = _across.Length;
        float* first = pixels + ((long)time * stride) + column;
        if (time + _stripRows <= _down.Length && column + columns <= stride)
        {
            return first;
        }

        int present = Math.Clamp(stride - column, 0, columns);
        for (int i = 0; i < _stripRows; i++)
        {
            Span<float> padded = new(_padded + ((long)i * _chunk), columns);
            padded[present..].Clear();
            if (time + i < _down.Length)
            {
                new ReadOnlySpan<float>(first + ((long)i * stride), present).CopyTo(padded);
            }
            else
            {
                padded.Clear();
            }
        }

        stride = _chunk;
        return _padded;
    }

    /// <summary>Asks for the next chunk of a strip's rows; the processor follows too few rows by itself.</summary>
    private readonly void Prefetch(float* next, int stride)
    {
        if (!Sse.IsSupported || (long)_across.Length * _down.Length < PrefetchedFloats)
        {
            return;
        }

        for (int i = 0; i < _stripRows; i++)
        {
            for (int c = 0; c < _chunk; c += 16)
            {
                Sse.Prefetch0(next + ((long)i * stride) + c);
            }
        }
    }

    /// <summary>The first time after this one at which the box along a row covers another number of samples.</summary>
    private readonly int NextCountAcross(int time) =>
        time + 1 >= _across.Window && time < _across.Length ? _across.Length : time + 1;

    /// <summary>Makes the last window of a chunk the history of the next.</summary>
    private readonly void KeepHistory(float* entered, int columns)
    {
        nuint bytes = (nuint)_across.Window * (nuint)_stripRows * sizeof(float);
        NativeMemory.Copy(entered + ((long)columns * _stripRows), entered, bytes);
    }

    private readonly void ClearHistory(float* entered) =>
        NativeMemory.Clear(entered, (nuint)_across.Window * (nuint)_stripRows * sizeof(float));
}
