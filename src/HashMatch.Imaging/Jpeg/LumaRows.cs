
namespace HashMatch.Imaging.Jpeg;

/// <summary>Rows of a frame's wanted components to rows of luma in a sink, at the sink's reduction.</summary>
internal sealed class LumaRows : IDisposable
{
    private readonly IPictureSink _sink;
    private readonly int _width;
    private readonly PlaneResampler? _resampler;
    private readonly float[] _mixed;
    private int _given;

    /// <param name="frame">The picture.</param>
    /// <param name="isRgb">Whether its components are red, green and blue.</param>
    /// <param name="reduction">Of the rows in the sink.</param>
    /// <param name="sink">Gets the picture's start at once.</param>
    public LumaRows(JpegFrame frame, bool isRgb, int reduction, IPictureSink sink)
    {
        _sink = sink;
        JpegComponent luma = frame.Components[0];
        Reduction = ReductionOf(frame, reduction);
        _width = JpegFrame.DivideUp(luma.Width, Reduction.Factor);
        Height = JpegFrame.DivideUp(luma.Height, Reduction.Factor);
        var shape = new PictureShape
        {
            Width = JpegFrame.DivideUp(frame.Width, reduction),
            Height = JpegFrame.DivideUp(frame.Height, reduction),
            SourceWidth = frame.Width,
            SourceHeight = frame.Height,
            ScaleX = reduction,
            ScaleY = reduction,
        };
        bool isWhole = luma.H == frame.MaxH && luma.V == frame.MaxV && Reduction.Factor == reduction;
        _resampler = isWhole
            ? null
            : new PlaneResampler(
                (_width, Height),
                (shape.Width, shape.Height),
                (double)reduction * luma.H / (frame.MaxH * Reduction.Factor),
                (double)reduction * luma.V / (frame.MaxV * Reduction.Factor),
                sink);
        _mixed = isRgb ? ScrubbedArrays<float>.Rent(_width) : [];
        sink.Start(shape);
    }

    /// <summary>Whether three components are wanted, not the first alone.</summary>
    public bool IsRgb => _mixed.Length > 0;

    /// <summary>Components that are wanted, from the first on.</summary>
    public int Wanted => IsRgb ? 3 : 1;

    /// <summary>The reduction of the components.</summary>
    public Reduction Reduction { get; }

    /// <summary>Rows of the components.</summary>
    public int Height { get; }

    /// <summary>Rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Takes the rows of one row of MCUs, but for those below the picture.</summary>
    /// <param name="planes">The wanted components.</param>
    /// <param name="blockRows">Rows of blocks in it.</param>
    public void Add(ReadOnlySpan<ComponentPlane> planes, int blockRows)
    {
        int count = Math.Min(blockRows * Reduction.Side, Height - Count);
        for (int row = 0; row < count; row++)
        {
            if (Count + row < _given)
            {
                continue;
            }

            ReadOnlySpan<float> luma = planes[0].Row(row)[.._width];
            if (IsRgb)
            {
                Span<float> mixed = _mixed.AsSpan(0, _width);
                Mix(luma, planes[1].Row(row)[.._width], planes[2].Row(row)[.._width], mixed);
                luma = mixed;
            }

            if (_resampler is null)
            {
                _sink.Add(luma, []);
            }
            else
            {
                _resampler.Add(luma);
            }
        }

        Count += count;
    }

    /// <summary>Begins anew: those rows that it has will come again, the same, and are passed over.</summary>
    public void Restart()
    {
        _given = Math.Max(_given, Count);
        Count = 0;
    }

    public void Dispose()
    {
        _resampler?.Dispose();
        if (IsRgb)
        {
            ScrubbedArrays<float>.Return(_mixed);
        }
    }

    // Luma with fewer samples than the picture has pixels needs less reduction, or none.
    private static Reduction ReductionOf(JpegFrame frame, int reduction)
    {
        JpegComponent luma = frame.Components[0];
        int factor = reduction;
        while (factor > 1
            && (factor * frame.MaxH > reduction * luma.H || factor * frame.MaxV > reduction * luma.V))
        {
            factor >>= 1;
        }

        return Reduction.Of(factor);
    }

    // The reference's weights and its order of sums.
    private static void Mix(
        ReadOnlySpan<float> red, ReadOnlySpan<float> green, ReadOnlySpan<float> blue, Span<float> luma)
    {
        for (int x = 0; x < luma.Length; x++)
        {
            luma[x] = ((0.299f * red[x]) + (0.587f * green[x])) + (0.114f * blue[x]);
        }
    }
}
