
namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// Brings a plane that has fewer samples than the picture pixels, or other ones, to the picture's grid, row by row:
/// between samples linearly (which is libjpeg's "fancy" upsampling where it is by two), over several by their mean.
/// </summary>
internal sealed class PlaneResampler : IDisposable
{
    private readonly Taps _across;
    private readonly Taps _down;
    private readonly IPictureSink _sink;
    private readonly int _width;
    private readonly int _height;
    private readonly float[] _rows;
    private readonly float[] _row;
    private int _nextIn;
    private int _nextOut;

    /// <param name="from">Columns and rows of the plane.</param>
    /// <param name="to">Columns and rows of the picture.</param>
    /// <param name="stepX">Samples of the plane from one column of the picture to the next.</param>
    /// <param name="stepY">The same of rows.</param>
    /// <param name="sink">Gets the rows.</param>
    public PlaneResampler((int X, int Y) from, (int X, int Y) to, double stepX, double stepY, IPictureSink sink)
    {
        _across = new Taps(from.X, stepX);
        _down = new Taps(from.Y, stepY);
        _sink = sink;
        (_width, _height) = to;
        _rows = ScrubbedArrays<float>.Rent(_width * _down.Most);
        _row = ScrubbedArrays<float>.Rent(_width);
    }

    /// <summary>Takes the next row of the plane.</summary>
    public void Add(ReadOnlySpan<float> samples)
    {
        Span<float> kept = _rows.AsSpan(_nextIn % _down.Most * _width, _width);
        for (int x = 0; x < _width; x++)
        {
            float sum = 0;
            (int first, int last) = _across.Range(x);
            for (int i = first; i <= last; i++)
            {
                sum += samples[i] * _across.Weight(x, i);
            }

            kept[x] = sum;
        }

        for (; _nextOut < _height && _down.Range(_nextOut).Last <= _nextIn; _nextOut++)
        {
            Emit(_nextOut);
        }

        _nextIn++;
    }

    public void Dispose()
    {
        ScrubbedArrays<float>.Return(_rows);
        ScrubbedArrays<float>.Return(_row);
    }

    private void Emit(int y)
    {
        Span<float> row = _row.AsSpan(0, _width);
        row.Clear();
        (int first, int last) = _down.Range(y);
        for (int i = first; i <= last; i++)
        {
            float weight = _down.Weight(y, i);
            ReadOnlySpan<float> kept = _rows.AsSpan(i % _down.Most * _width, _width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] += kept[x] * weight;
            }
        }

        _sink.Add(row, []);
    }

    /// <summary>Which samples of a line make one of its new ones, and how much of each.</summary>
    private readonly struct Taps(int count, double step)
    {
        // A mean of up to eight and the parts at both ends; or two.
        public int Most { get; } = (int)Math.Ceiling(step) + 2;

        public (int First, int Last) Range(int place)
        {
            double start = Start(place);
            double end = step > 1 ? start + step : start + 1;
            int first = Math.Clamp((int)Math.Floor(start), 0, count - 1);
            int last = Math.Clamp((int)Math.Ceiling(end - 1e-9) - (step > 1 ? 1 : 0), first, count - 1);
            return (first, step > 1 ? last : Math.Min(last, first + 1));
        }

        public float Weight(int place, int sample)
        {
            (int first, int last) = Range(place);
            double start = Start(place);
            if (step > 1)
            {
                double from = Math.Max(start, first);
                double to = Math.Max(Math.Min(start + step, last + 1), from + 1e-9);
                double part = Math.Min(to, sample + 1) - Math.Max(from, sample);
                return (float)(Math.Max(part, 0) / (to - from));
            }

            double second = first == last ? 0 : Math.Clamp(start - first, 0, 1);
            return (float)(sample == first ? 1 - second : second);
        }

        // Linear taps lie about the new sample's centre, a mean's from its edge.
        private double Start(int place) => step > 1 ? place * step : ((place + 0.5) * step) - 0.5;
    }
}
