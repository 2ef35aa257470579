using HashMatch.Imaging.Headers;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>One file decoded by libvips; owns a copy of it, and never throws.</summary>
internal sealed class VipsDecode : IDisposable
{
    public const string TimedOut = "The decode took longer than is allowed, or was cancelled.";

    private readonly ImageDecoder _decoder;
    private readonly ImageFormat _format;
    private readonly ImageHeader _header;
    private readonly PdqFidelity _fidelity;
    private readonly Source _source;

    /// <exception cref="OutOfMemoryException">There is no memory for the copy.</exception>
    public VipsDecode(
        ImageDecoder decoder, ReadOnlySpan<byte> image, ImageFormat format, ImageHeader header, PdqFidelity fidelity)
    {
        _decoder = decoder;
        _format = format;
        _header = header;
        _fidelity = fidelity;
        _source = Source.NewFromMemory(image);
    }

    /// <summary>Hashes the picture; nothing else may use the file meanwhile.</summary>
    public ImageHashes Hash(HashOptions options, CancellationToken cancellation)
    {
        List<Rendition> renditions = [];
        ImageHeader actual = _header;
        Orientation upright = default;
        CodecResult result = Guard(() =>
        {
            Image? opened = Open();
            try
            {
                upright = Exif.Upright(opened);
                return PictureHasher.Hash(
                    sink =>
                    {
                        using Image image = opened ?? Open();
                        opened = null;
                        return Guard(() => Decode(image, sink, out actual, cancellation));
                    },
                    options,
                    upright,
                    frame: 0,
                    renditions);
            }
            finally
            {
                opened?.Dispose();
            }
        });
        return new ImageHashes
        {
            Status = result.Status,
            Detail = result.Detail,
            Format = _format,
            Width = actual.Width,
            Height = actual.Height,
            Upright = result.Status == DecodeStatus.Ok ? upright : default,
            Renditions = renditions,
        };
    }

    /// <summary>Decodes the picture from its start.</summary>
    public CodecResult Decode(IPictureSink sink, CancellationToken cancellation) => Guard(() =>
    {
        using Image image = Open();
        return Decode(image, sink, out _, cancellation);
    });

    /// <summary>Frees the copy.</summary>
    public void Dispose() => _source.Dispose();

    private static bool IsReduced(int side, int sourceSide, int reduction) =>
        side >= sourceSide / reduction && side <= (sourceSide / reduction) + 1;

    private static CodecResult Failed(DecodeStatus status, string detail) => new(status, detail);

    private Image Open() => VipsLibrary.Open(_format, _source, Reduction());

    private CodecResult Guard(Func<CodecResult> work)
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
                ? Failed(DecodeStatus.DecoderFailed, "There is no memory.")
                : _header.EndsEarly
                    ? Failed(DecodeStatus.Truncated, "The file ends before the picture does.")
                    : Failed(DecodeStatus.Corrupt, "The file breaks the rules of its format.");
        }
        catch (OutOfMemoryException)
        {
            return Failed(DecodeStatus.DecoderFailed, "There is no memory.");
        }
        catch (OperationCanceledException)
        {
            return Failed(DecodeStatus.TimedOut, TimedOut);
        }
#pragma warning disable CA1031 // Whatever a binding to native code throws, one bad upload must not end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Failed(DecodeStatus.DecoderFailed, "The decoder failed.");
        }
    }

    private CodecResult Decode(
        Image image, IPictureSink sink, out ImageHeader actual, CancellationToken cancellation)
    {
        int reduction = Reduction();
        actual = _header;
        if (reduction == 1)
        {
            actual = _decoder.Check(_header with { Width = image.Width, Height = image.Height });
            if (actual.Status != DecodeStatus.Ok)
            {
                return Failed(actual.Status, actual.Detail);
            }
        }
        else if (!IsReduced(image.Width, actual.Width, reduction) || !IsReduced(image.Height, actual.Height, reduction))
        {
            return Failed(DecodeStatus.Corrupt, "The file names two sizes.");
        }

        using var rows = new VipsRows(image);
        PictureShape shape = Shape(rows, actual, reduction);
        sink.Start(shape);
        using var buffer = new VipsRowBuffer(shape);
        Feed(sink, shape, rows, buffer, cancellation);
        return CodecResult.Ok;
    }

    // libvips leaves out the last column and row of a JPEG that are not whole blocks of source pixels; Feed repeats
    // their neighbours there. A reduced WebP is all of the picture, whatever its size.
    private PictureShape Shape(VipsRows rows, ImageHeader source, int reduction)
    {
        bool isJpeg = _format == ImageFormat.Jpeg;
        return new PictureShape
        {
            Width = isJpeg ? (source.Width + reduction - 1) / reduction : rows.Width,
            Height = isJpeg ? (source.Height + reduction - 1) / reduction : rows.Height,
            SourceWidth = source.Width,
            SourceHeight = source.Height,
            ScaleX = isJpeg ? reduction : (double)source.Width / rows.Width,
            ScaleY = isJpeg ? reduction : (double)source.Height / rows.Height,
            HasAlpha = rows.HasAlpha,
        };
    }

    private int Reduction() =>
        _format is ImageFormat.Jpeg or ImageFormat.WebP ? DecodeReduction.For(_header, _fidelity) : 1;

    private static void Feed(
        IPictureSink sink,
        in PictureShape shape,
        VipsRows rows,
        VipsRowBuffer buffer,
        CancellationToken cancellation)
    {
        for (int y = 0; y < rows.Height; y += rows.RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(rows.RowsAtOnce, rows.Height - y);
            ReadOnlySpan<byte> bytes = rows.Read(y, count);
            int rowBytes = rows.Width * rows.Channels;
            for (int i = 0; i < count; i++)
            {
                buffer.Fill(bytes.Slice(i * rowBytes, rowBytes), rows.Channels);
                sink.Add(buffer.Luma, buffer.Alpha);
            }
        }

        for (int y = rows.Height; y < shape.Height; y++)
        {
            sink.Add(buffer.Luma, buffer.Alpha);
        }
    }
}
