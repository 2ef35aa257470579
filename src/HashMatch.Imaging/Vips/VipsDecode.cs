using HashMatch.Imaging.Headers;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>One decode by libvips; owns a copy of the file, and never throws.</summary>
internal sealed class VipsDecode
{
    public const string TimedOut = "The decode took longer than is allowed, or was cancelled.";

    // PDQ looks at 64 x 64 means: a shorter side of 512 keeps eight pixels under each.
    private const int MinReducedSide = 512;

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

    /// <summary>Decodes; once.</summary>
    public DecodeResult Run(CancellationToken cancellation)
    {
        try
        {
            using (_source)
            {
                return Decode(cancellation);
            }
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

    private DecodeResult Decode(CancellationToken cancellation)
    {
        int reduction = Reduction();
        using Image image = VipsLibrary.Open(_format, _source, reduction);
        ImageHeader actual = _header;
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

        Orientation upright = Exif.Upright(image);
        using var rows = new VipsRows(image);
        Luma luma = Allocate(rows, actual, reduction);
        try
        {
            Fill(luma, rows, cancellation);
        }
        catch
        {
            luma.Dispose();
            throw;
        }

        return new DecodeResult
        {
            Status = DecodeStatus.Ok,
            Format = _format,
            Width = actual.Width,
            Height = actual.Height,
            Upright = upright,
            Luma = luma,
        };
    }

    private static bool IsReduced(int side, int sourceSide, int reduction) =>
        side >= sourceSide / reduction && side <= (sourceSide / reduction) + 1;

    // libvips leaves out the last column and row of a JPEG that are not whole blocks of source pixels; Fill repeats
    // their neighbours there. A reduced WebP is all of the picture, whatever its size.
    private Luma Allocate(VipsRows rows, ImageHeader source, int reduction) =>
        _format == ImageFormat.Jpeg
            ? Luma.Allocate(
                (source.Width + reduction - 1) / reduction,
                (source.Height + reduction - 1) / reduction,
                source.Width,
                source.Height,
                reduction,
                reduction)
            : Luma.Allocate(
                rows.Width,
                rows.Height,
                source.Width,
                source.Height,
                (double)source.Width / rows.Width,
                (double)source.Height / rows.Height);

    private int Reduction()
    {
        if (_fidelity != PdqFidelity.Fast || _format is not (ImageFormat.Jpeg or ImageFormat.WebP))
        {
            return 1;
        }

        int side = Math.Min(_header.Width, _header.Height);
        return side >= 8 * MinReducedSide ? 8 : side >= 4 * MinReducedSide ? 4 : side >= 2 * MinReducedSide ? 2 : 1;
    }

    private static void Fill(Luma luma, VipsRows rows, CancellationToken cancellation)
    {
        for (int y = 0; y < rows.Height; y += rows.RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(rows.RowsAtOnce, rows.Height - y);
            ReadOnlySpan<byte> bytes = rows.Read(y, count);
            int rowBytes = rows.Width * rows.Channels;
            for (int i = 0; i < count; i++)
            {
                Span<float> row = luma.Row(y + i);
                Convert(bytes.Slice(i * rowBytes, rowBytes), row[..rows.Width], rows.Channels);
                row[rows.Width..].Fill(row[rows.Width - 1]);
            }
        }

        for (int y = rows.Height; y < luma.Height; y++)
        {
            luma.Row(rows.Height - 1).CopyTo(luma.Row(y));
        }
    }

    private static void Convert(ReadOnlySpan<byte> bytes, Span<float> luma, int channels)
    {
        switch (channels)
        {
            case 1:
                LumaConversion.FromGrey(bytes, luma);
                break;
            case 3:
                LumaConversion.FromRgb(bytes, luma);
                break;
            default:
                LumaConversion.FromRgba(bytes, luma);
                break;
        }
    }

    private DecodeResult Failed(DecodeStatus status, string detail) => new()
    {
        Status = status,
        Detail = detail,
        Format = _format,
        Width = _header.Width,
        Height = _header.Height,
    };
}
