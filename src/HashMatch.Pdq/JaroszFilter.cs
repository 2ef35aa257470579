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

    private readonly BoxGeometry _across;
    private readonly BoxGeometry _down;
    private readonly int _stripRows;
    private readonly int _times;
    private readonly int _stride;
    private readonly int _ringRows;
    private readonly int _tailRows;
    private readonly Scratch _scratch;

    // First pass: rows by time, the last window of them and the strip at work; then a row of zeros.
    private readonly float* _ring;
    private readonly float* _zeroRow;

    // Second pass: one sum a column, and the strip's quotients.
    private readonly float* _columnSums;
    private readonly float* _strip;

    // Third pass: 64 columns of the strip, one float a strip row. Fourth pass: its rows, the last window of them.
    private readonly float* _lines;
    private readonly float* _tail;
    private readonly float* _tailSums;

    private JaroszFilter(int width, int height, int stripRows)
    {
        _across = new BoxGeometry(width);
        _down = new BoxGeometry(height);
        _stripRows = stripRows;
        _times = _across.LastTime + 1;
        _stride = (_times + 15) & ~15;
        _ringRows = ((_down.Window + stripRows - 1) / stripRows * stripRows) + stripRows;
        _tailRows = _down.Window + 1;
        _scratch = Scratch.Rent(
            Scratch.BytesFor((long)_ringRows * _stride)
            + (2 * Scratch.BytesFor(_stride))
            + Scratch.BytesFor((long)stripRows * _stride)
            + Scratch.BytesFor((long)stripRows * Lines)
            + Scratch.BytesFor((long)_tailRows * Lines)
            + Scratch.BytesFor(Lines));
        _ring = _scratch.Take((long)_ringRows * _stride);
        _zeroRow = _scratch.Take(_stride);
        _columnSums = _scratch.Take(_stride);
        _strip = _scratch.Take((long)stripRows * _stride);
        _lines = _scratch.Take((long)stripRows * Lines);
        _tail = _scratch.Take((long)_tailRows * Lines);
        _tailSums = _scratch.Take(Lines);
    }

    /// <summary>Filters and decimates full-size luma.</summary>
    /// <param name="pixels">Rows of <paramref name="width"/> floats, no gap between them.</param>
    /// <param name="width">5 or more.</param>
    /// <param name="height">5 or more.</param>
    /// <param name="block">64 x 64 samples, row-major.</param>
    public static void Decimate(ReadOnlySpan<float> pixels, int width, int height, Span<float> block)
    {
        DecimateScalar(pixels, width, height, block);
    }

    internal static void DecimateScalar(ReadOnlySpan<float> pixels, int width, int height, Span<float> block)
    {
        JaroszFilter filter = new(width, height, ScalarStripRows);
        try
        {
            fixed (float* source = pixels)
            {
                int nextLine = 0;
                for (int time = 0; nextLine < Lines; time += filter._stripRows)
                {
                    filter.FilterStripScalar(source, time);
                    nextLine = filter.FinishStrip(time, nextLine, block);
                }
            }
        }
        finally
        {
            filter._scratch.Dispose();
        }
    }

    /// <summary>The row of a strip's source; past the end the last one, whose results nobody reads.</summary>
    private readonly float* SourceRow(float* source, int row) =>
        source + ((long)Math.Min(row, _down.Length - 1) * _across.Length);

    private readonly float* RingRow(int time) => _ring + ((long)(time % _ringRows) * _stride);

    /// <summary>What enters the column sums at a time.</summary>
    private readonly float* Entering(int time) => time < _down.Length ? RingRow(time) : _zeroRow;

    /// <summary>What leaves the column sums at a time.</summary>
    private readonly float* Leaving(int time) => time >= _down.Window ? RingRow(time - _down.Window) : _zeroRow;

    /// <summary>The fourth pass over one strip; returns the next decimated row that is still wanted.</summary>
    private readonly int FinishStrip(int time, int nextLine, Span<float> block)
    {
        for (int i = 0; i < _stripRows && nextLine < Lines; i++)
        {
            int row = time + i - _down.Lag;
            if (row < 0)
            {
                continue;
            }

            float* entering = _tail + (row % _tailRows * Lines);
            float* leaving = row >= _down.Window ? _tail + ((row - _down.Window) % _tailRows * Lines) : _zeroRow;
            bool leaves = row >= _down.Window;
            for (int j = 0; j < Lines; j++)
            {
                float entered = _lines[(j * _stripRows) + i];
                entering[j] = entered;
                float sum = _tailSums[j] + entered;
                _tailSums[j] = leaves ? sum - leaving[j] : sum;
            }

            while (nextLine < Lines && _down.Sample(nextLine) + _down.Lag == row)
            {
                float count = _down.Count(row);
                for (int j = 0; j < Lines; j++)
                {
                    block[(nextLine * Lines) + j] = _tailSums[j] / count;
                }

                nextLine++;
            }
        }

        return nextLine;
    }
}
