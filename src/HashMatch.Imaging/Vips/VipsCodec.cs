using HashMatch.Imaging.Headers;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>
/// One file as libvips decodes it, into a sink. Bad bytes are a result, never an exception; not for concurrent use.
/// </summary>
/// <param name="file">The file; must not change while the codec lives.</param>
/// <param name="format">What it is.</param>
/// <param name="header">What it says of itself, held against the limits.</param>
/// <param name="limits">What is held against the size that libvips finds.</param>
/// <param name="fidelity">Fast takes a reduced decode where the format offers one.</param>
internal sealed class VipsCodec(
    ReadOnlyMemory<byte> file, ImageFormat format, ImageHeader header, ImageLimits limits, PdqFidelity fidelity)
    : IDisposable
{
    private readonly int _reduction = Reduction(format, header, fidelity);
    private readonly ImageHeader _claimed = header;
    private Source? _source;
    private Image? _image;
    private bool _isRead;
    private byte[] _frame = [];

    /// <summary>The stored picture, or the canvas of an animation; what the header says before it is open.</summary>
    public ImageHeader Header { get; private set; } = header;

    /// <summary>What makes the stored pixels upright.</summary>
    public Orientation Upright { get; private set; }

    /// <summary>Frames that can be decoded: 1 for a still picture.</summary>
    public int FrameCount { get; private set; } = 1;

    /// <summary>Reads the header.</summary>
    public CodecResult Open() => Guarded(() => OpenFile());

    /// <summary>Decodes the still picture; may be called again.</summary>
    public CodecResult Decode(IPictureSink sink, CancellationToken cancellation) => Guarded(() =>
    {
        CodecResult opened = Reopen();
        if (opened.Status == DecodeStatus.Ok)
        {
            using var rows = new VipsRows(_image!);
            Feed(sink, rows, cancellation);
        }

        return opened;
    });

    /// <summary>Goes over an animation's frames once, from the first to the last.</summary>
    /// <param name="frames">Numbers of the frames that are wanted, ascending.</param>
    /// <param name="take">
    /// Gets a frame's number and a decoder that may be run more than once, and says whether to go on. A frame of the
    /// same pixels as the wanted one before it is passed over.
    /// </param>
    /// <param name="cancellation">Ends the work.</param>
    public CodecResult DecodeFrames(
        IReadOnlyList<int> frames,
        Func<int, Func<IPictureSink, CodecResult>, CodecResult> take,
        CancellationToken cancellation) => Guarded(() =>
    {
        CodecResult opened = Reopen();
        if (opened.Status != DecodeStatus.Ok)
        {
            return opened;
        }

        using var rows = new VipsRows(_image!);
        int height = rows.Height / FrameCount;
        ScrubbedArrays<byte>.Return(_frame);
        _frame = ScrubbedArrays<byte>.Rent(checked(rows.RowBytes * height));
        _frame.AsSpan().Clear();
        for (int i = 0; i < frames.Count; i++)
        {
            if (!ReadFrame(rows, frames[i], height, cancellation) && i > 0)
            {
                continue;
            }

            CodecResult taken = take(frames[i], sink => FeedFrame(sink, rows, height, cancellation));
            if (taken.Status != DecodeStatus.Ok)
            {
                return taken;
            }
        }

        return CodecResult.Ok;
    });

    /// <summary>Zeroes what it holds of the pixels.</summary>
    public void Dispose()
    {
        Close();
        ScrubbedArrays<byte>.Return(_frame);
        _frame = [];
    }

    private static int Reduction(ImageFormat format, ImageHeader header, PdqFidelity fidelity)
    {
        bool canReduce = format == ImageFormat.Jpeg || (format == ImageFormat.WebP && header.Frames <= 1);
        return canReduce ? DecodeReduction.For(header, fidelity) : 1;
    }

    private CodecResult Guarded(Func<CodecResult> work)
    {
        try
        {
            return work();
        }
        catch (VipsException e)
        {
            // libvips keeps one error text for all threads: it names the failure of somebody, so that only the file's
            // own structure is trusted to tell a truncated one.
            return e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                ? new CodecResult(DecodeStatus.DecoderFailed, Details.NoMemory)
                : _claimed.EndsEarly
                    ? new CodecResult(DecodeStatus.Truncated, Details.EndsEarly)
                    : new CodecResult(DecodeStatus.Corrupt, Details.BreaksRules);
        }
        catch (OutOfMemoryException)
        {
            return new CodecResult(DecodeStatus.DecoderFailed, Details.NoMemory);
        }
        catch (OperationCanceledException)
        {
            return new CodecResult(DecodeStatus.TimedOut, Details.TimedOut);
        }
#pragma warning disable CA1031 // Whatever a binding to native code throws, one bad upload must not end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
            return new CodecResult(DecodeStatus.DecoderFailed, Details.Failed);
        }
    }

    private CodecResult Reopen()
    {
        if (_image is not null && !_isRead)
        {
            _isRead = true;
            return CodecResult.Ok;
        }

        CodecResult opened = OpenFile();
        _isRead = true;
        return opened;
    }

    private CodecResult OpenFile()
    {
        Close();
        _isRead = false;
        _source = Source.NewFromMemory(file.Span);
        _image = VipsLibrary.Open(format, _source, _reduction, _claimed.Frames > 1);
        int frames = _claimed.Frames > 1 && _image.Contains("n-pages") ? (int)_image.Get("n-pages") : 1;

        // libvips leaves out a frame that it cannot decode: what was not looked at must not pass for hashed.
        if (frames < Math.Max(1, _claimed.Frames))
        {
            return new CodecResult(DecodeStatus.Corrupt, Details.BreaksRules);
        }

        if (_image.Height % frames != 0)
        {
            return new CodecResult(DecodeStatus.Corrupt, Details.TwoSizes);
        }

        if (_reduction == 1)
        {
            ImageHeader actual = HeaderLimits.Check(
                _claimed with { Width = _image.Width, Height = _image.Height / frames, Frames = frames }, limits);
            Header = actual;
            if (actual.Status != DecodeStatus.Ok)
            {
                return new CodecResult(actual.Status, actual.Detail);
            }
        }
        else if (!IsReduced(_image.Width, _claimed.Width) || !IsReduced(_image.Height, _claimed.Height))
        {
            return new CodecResult(DecodeStatus.Corrupt, Details.TwoSizes);
        }

        FrameCount = frames;
        Upright = Exif.Upright(_image);
        return CodecResult.Ok;
    }

    private void Close()
    {
        _image?.Dispose();
        _source?.Dispose();
        _image = null;
        _source = null;
    }

    private bool IsReduced(int side, int sourceSide) =>
        side >= sourceSide / _reduction && side <= (sourceSide / _reduction) + 1;

    // libvips leaves out the last column and row of a JPEG that are not whole blocks of source pixels; Feed repeats
    // their neighbours there. A reduced WebP is all of the picture, whatever its size.
    private PictureShape Shape(VipsRows rows, int height)
    {
        (int width, int sourceWidth, int sourceHeight) = (rows.Width, Header.Width, Header.Height);
        double scaleX = (double)sourceWidth / width;
        double scaleY = (double)sourceHeight / height;
        if (format == ImageFormat.Jpeg)
        {
            width = (sourceWidth + _reduction - 1) / _reduction;
            height = (sourceHeight + _reduction - 1) / _reduction;
            scaleX = scaleY = _reduction;
        }

        return new PictureShape
        {
            Width = width,
            Height = height,
            SourceWidth = sourceWidth,
            SourceHeight = sourceHeight,
            ScaleX = scaleX,
            ScaleY = scaleY,
            HasAlpha = rows.HasAlpha,
        };
    }

    private void Feed(IPictureSink sink, VipsRows rows, CancellationToken cancellation)
    {
        PictureShape shape = Shape(rows, rows.Height);
        sink.Start(shape);
        using var row = new RowBuffer(shape);
        for (int y = 0; y < rows.Height; y += rows.RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(rows.RowsAtOnce, rows.Height - y);
            ReadOnlySpan<byte> strip = rows.Read(y, count);
            for (int i = 0; i < count; i++)
            {
                rows.Convert(strip.Slice(i * rows.RowBytes, rows.RowBytes), row.Luma[..rows.Width], row.Alpha);
                row.Luma[rows.Width..].Fill(row.Luma[rows.Width - 1]);
                sink.Add(row.Luma, row.Alpha);
            }
        }

        for (int y = rows.Height; y < shape.Height; y++)
        {
            sink.Add(row.Luma, row.Alpha);
        }
    }

    // True when the frame's pixels are not those that the buffer held.
    private bool ReadFrame(VipsRows rows, int frame, int height, CancellationToken cancellation)
    {
        bool differs = false;
        for (int y = 0; y < height; y += rows.RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(rows.RowsAtOnce, height - y);
            ReadOnlySpan<byte> strip = rows.Read((frame * height) + y, count);
            Span<byte> held = _frame.AsSpan(y * rows.RowBytes, strip.Length);
            differs = differs || !strip.SequenceEqual(held);
            strip.CopyTo(held);
        }

        return differs;
    }

    private CodecResult FeedFrame(IPictureSink sink, VipsRows rows, int height, CancellationToken cancellation)
    {
        PictureShape shape = Shape(rows, height);
        sink.Start(shape);
        using var row = new RowBuffer(shape);
        for (int y = 0; y < height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Convert(_frame.AsSpan(y * rows.RowBytes, rows.RowBytes), row.Luma, row.Alpha);
            sink.Add(row.Luma, row.Alpha);
        }

        return CodecResult.Ok;
    }

    // One row of a picture on its way to the sink.
    private readonly ref struct RowBuffer
    {
        private readonly float[] _luma;
        private readonly byte[] _alpha;

        public RowBuffer(in PictureShape shape)
        {
            _luma = ScrubbedArrays<float>.Rent(shape.Width);
            _alpha = ScrubbedArrays<byte>.Rent(shape.Width);
            Luma = _luma.AsSpan(0, shape.Width);
            Alpha = _alpha.AsSpan(0, shape.HasAlpha ? shape.Width : 0);
        }

        public Span<float> Luma { get; }

        public Span<byte> Alpha { get; }

        public void Dispose()
        {
            ScrubbedArrays<float>.Return(_luma);
            ScrubbedArrays<byte>.Return(_alpha);
        }
    }
}
