using System.Diagnostics;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Imaging.Png;
using HashMatch.Imaging.Workers;
using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>
/// Upload bytes to hashes. Never throws on bad bytes; safe for concurrent use. The format is told by the first bytes
/// and the limits are held against the header before a pixel is decoded. JPEG (Fast fidelity) and PNG are decoded here,
/// by code that is memory-safe; all else by libvips in a worker process. EXIF is applied; palettes are expanded; 16
/// bits keep their upper eight; CMYK becomes (255 - ink)(255 - black) / 255, without a profile. Alpha is dropped, and
/// where any of it is not opaque the picture is hashed over white and over black too.
/// </summary>
/// <param name="limits">What an upload may ask for.</param>
/// <param name="workers">The worker processes; stay the caller's.</param>
public sealed class ImageDecoder(ImageLimits limits, DecodeWorkers workers)
{
    /// <summary>A second decode does not begin with less.</summary>
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(5);

    /// <summary>The limits in force.</summary>
    public ImageLimits Limits { get; } = limits;

    /// <summary>Decodes and hashes one upload while the caller waits, at most for
    /// <see cref="ImageLimits.Timeout"/>.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="options">Fast fidelity takes a reduced decode where the format offers one; Reference full size.
    /// </param>
    /// <param name="cancellation">Ends the decode with <see cref="DecodeStatus.TimedOut"/>.</param>
    public ImageHashes Hash(ReadOnlyMemory<byte> image, HashOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (image.Length > Limits.MaxImageBytes)
        {
            return Failed(DecodeStatus.TooManyBytes, Details.TooManyBytes);
        }

        ImageFormat format = FormatSniffer.Sniff(image.Span);
        if (format == ImageFormat.Unknown)
        {
            return Failed(
                DecodeStatus.UnsupportedFormat,
                image.IsEmpty ? "The upload is empty." : "The upload is not in a supported image format.");
        }

        ImageHeader header = ImageHeader.Read(format, image.Span);
        if (header.Status == DecodeStatus.Ok && header.Width > 0)
        {
            header = HeaderLimits.Check(header, Limits);
        }

        if (header.Status != DecodeStatus.Ok)
        {
            return Failed(header.Status, header.Detail, format, header.Width, header.Height);
        }

        long start = Stopwatch.GetTimestamp();
        if (OwnCodec(image, format, header, options) is not { } codec)
        {
            return workers.Hash(image, format, header, options, Limits, cancellation);
        }

        ImageHashes hashes = HashByCodec(codec, format, header, options, cancellation);
        if (format != ImageFormat.Jpeg || hashes.Status is not (DecodeStatus.Corrupt or DecodeStatus.Truncated))
        {
            return hashes;
        }

        // The own JPEG decoder is the stricter one. What libjpeg makes a picture of is what people see, and a few
        // broken bytes must not hide it. Both have the time of one decode.
        TimeSpan left = Limits.Timeout - Stopwatch.GetElapsedTime(start);
        if (left < LeastTime)
        {
            return Failed(DecodeStatus.TimedOut, Details.TimedOut, format, header.Width, header.Height);
        }

        ImageHashes lenient = workers.Hash(
            image, format, header, options, Limits with { Timeout = left }, cancellation);
        if (lenient.Status == DecodeStatus.TimedOut)
        {
            return lenient;
        }

        return lenient.Status == DecodeStatus.Ok ? lenient : hashes;
    }

    /// <summary>Hashes by a codec of this project, on the calling thread.</summary>
    /// <param name="codec">Decodes the picture from its start, once a call; looks at the token every few ms.</param>
    /// <param name="format">The format that the bytes have.</param>
    /// <param name="header">What the bytes say of the picture.</param>
    /// <param name="options">Fidelity, and which renditions.</param>
    /// <param name="cancellation">The caller's; the limits' timeout is added here.</param>
    internal ImageHashes HashByCodec(
        Func<IPictureSink, CancellationToken, CodecResult> codec,
        ImageFormat format,
        ImageHeader header,
        HashOptions options,
        CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limits.Timeout);
        List<Rendition> renditions = [];
        CodecResult result;
        try
        {
            result = PictureHasher.Hash(
                sink => codec(sink, deadline.Token), options, header.Upright, 0, renditions);
        }
        catch (OperationCanceledException)
        {
            result = new CodecResult(DecodeStatus.TimedOut, Details.TimedOut);
        }
        catch (OutOfMemoryException)
        {
            result = new CodecResult(DecodeStatus.DecoderFailed, Details.NoMemory);
        }
#pragma warning disable CA1031 // A bug of a codec is one upload's failure.
        catch (Exception)
#pragma warning restore CA1031
        {
            result = new CodecResult(DecodeStatus.DecoderFailed, Details.Failed);
        }

        return new ImageHashes
        {
            Status = result.Status,
            Detail = result.Detail,
            Format = format,
            Width = header.Width,
            Height = header.Height,
            Upright = result.Status == DecodeStatus.Ok ? header.Upright : default,
            Renditions = renditions,
        };
    }

    private static ImageHashes Failed(
        DecodeStatus status, string detail, ImageFormat format = ImageFormat.Unknown, int width = 0, int height = 0) =>
        new() { Status = status, Detail = detail, Format = format, Width = width, Height = height };

    // The codec of this project for a file; null where libvips decodes it. Reference fidelity wants a JPEG's chroma.
    private Func<IPictureSink, CancellationToken, CodecResult>? OwnCodec(
        ReadOnlyMemory<byte> image, ImageFormat format, ImageHeader header, HashOptions options) => format switch
        {
            ImageFormat.Jpeg when options.Fidelity == PdqFidelity.Fast && JpegDecoder.CanDecode(header) =>
                (sink, token) => JpegDecoder.Decode(
                    image.Span, DecodeReduction.For(header, options.Fidelity), Limits, sink, token),
            ImageFormat.Png when PngDecoder.CanDecode(image.Span) =>
                (sink, token) => PngDecoder.Decode(image, Limits, sink, token),
            _ => null,
        };
}
