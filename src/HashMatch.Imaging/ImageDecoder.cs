using System.Buffers;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>
/// Upload bytes to hashes. Never throws on bad bytes; safe for concurrent use. The format is told by the first bytes
/// and the limits are held against the header before a pixel is decoded. EXIF is applied; palettes are expanded; 16
/// bits keep their upper eight; CMYK becomes (255 - ink)(255 - black) / 255, without a profile. Alpha is dropped, and
/// where any of it is not opaque the picture is hashed over white and over black too.
/// </summary>
public sealed class ImageDecoder
{
    /// <summary>A JPEG's scans may ask for this many passes over a picture of the most pixels, and no more.</summary>
    private const int MaxPasses = 8;

    private readonly DecodeThreads _threads;

    /// <param name="limits">What an upload may ask for.</param>
    public ImageDecoder(ImageLimits limits)
        : this(limits, DecodeThreads.Common)
    {
    }

    internal ImageDecoder(ImageLimits limits, DecodeThreads threads)
    {
        Limits = limits;
        _threads = threads;
    }

    /// <summary>The limits in force.</summary>
    public ImageLimits Limits { get; }

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
            return Failed(DecodeStatus.TooManyBytes, "The upload has more bytes than are allowed.");
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
            header = Check(header);
        }

        if (header.Status != DecodeStatus.Ok)
        {
            return Failed(header.Status, header.Detail, format, header.Width, header.Height);
        }

        if (OwnCodec(format) is { } codec)
        {
            ImageHashes hashed = HashByCodec(codec, format, header, Orientation.Original, options, cancellation);
            if (hashed.Status != DecodeStatus.UnsupportedFormat)
            {
                return hashed;
            }
        }

        return HashByVips(image, format, header, options, cancellation);
    }

    /// <summary>What is wrong with a claimed size; the same header when nothing is.</summary>
    internal ImageHeader Check(ImageHeader header)
    {
        (int width, int height) = (header.Width, header.Height);
        long pixels = (long)width * height;
        return header switch
        {
            _ when width > Limits.MaxWidth || height > Limits.MaxHeight || pixels > Limits.MaxPixels =>
                ImageHeader.Failed(
                    DecodeStatus.TooManyPixels, "The picture is larger than is allowed.", width, height),
            _ when pixels * header.Passes > (double)Limits.MaxPixels * MaxPasses => ImageHeader.Failed(
                DecodeStatus.TooManyPixels, "The picture's scans ask for too much work.", width, height),
            _ when width < PdqHasher.MinSide || height < PdqHasher.MinSide => ImageHeader.Failed(
                DecodeStatus.TooSmall, "The picture is under 5 pixels on a side.", width, height),
            _ when pixels > header.MostPixels => ImageHeader.Failed(
                DecodeStatus.Truncated, "The picture is larger than its bytes can hold.", width, height),
            _ => header,
        };
    }

    private static ImageHashes Failed(
        DecodeStatus status, string detail, ImageFormat format = ImageFormat.Unknown, int width = 0, int height = 0) =>
        new() { Status = status, Detail = detail, Format = format, Width = width, Height = height };

    /// <summary>Hashes by a codec of this project, on the calling thread.</summary>
    /// <param name="codec">Decodes the picture from its start, once a call; looks at the token every few ms.</param>
    /// <param name="format">The format that the bytes have.</param>
    /// <param name="header">What the bytes say of the picture.</param>
    /// <param name="upright">What EXIF says must be done to the stored pixels.</param>
    /// <param name="options">Fidelity, and which renditions.</param>
    /// <param name="cancellation">The caller's; the limits' timeout is added here.</param>
    internal ImageHashes HashByCodec(
        Func<IPictureSink, CancellationToken, CodecResult> codec,
        ImageFormat format,
        ImageHeader header,
        Orientation upright,
        HashOptions options,
        CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limits.Timeout);
        List<Rendition> renditions = [];
        CodecResult result;
        try
        {
            result = PictureHasher.Hash(sink => codec(sink, deadline.Token), options, upright, 0, renditions);
        }
        catch (OperationCanceledException)
        {
            result = new CodecResult(DecodeStatus.TimedOut, VipsDecode.TimedOut);
        }
        catch (OutOfMemoryException)
        {
            result = new CodecResult(DecodeStatus.DecoderFailed, "There is no memory.");
        }
#pragma warning disable CA1031 // A bug of a codec is one upload's failure.
        catch (Exception)
#pragma warning restore CA1031
        {
            result = new CodecResult(DecodeStatus.DecoderFailed, "The decoder failed.");
        }

        return new ImageHashes
        {
            Status = result.Status,
            Detail = result.Detail,
            Format = format,
            Width = header.Width,
            Height = header.Height,
            Upright = result.Status == DecodeStatus.Ok ? upright : default,
            Renditions = renditions,
        };
    }

    // The codec of this project for a file; null where libvips decodes all of its kind. What a codec calls unsupported
    // goes to libvips as well.
    private static Func<IPictureSink, CancellationToken, CodecResult>? OwnCodec(ImageFormat format) => format switch
    {
        _ => null,
    };

    private ImageHashes HashByVips(
        ReadOnlyMemory<byte> image,
        ImageFormat format,
        ImageHeader header,
        HashOptions options,
        CancellationToken cancellation)
    {
        if (VipsLibrary.WhyNot is string problem)
        {
            return Failed(DecodeStatus.DecoderFailed, problem, format, header.Width, header.Height);
        }

        if (cancellation.IsCancellationRequested)
        {
            return Failed(DecodeStatus.TimedOut, VipsDecode.TimedOut, format, header.Width, header.Height);
        }

        if (_threads.IsFull)
        {
            return Failed(DecodeStatus.DecoderFailed, "Too many decodes are past their deadline.", format);
        }

        VipsDecode decode;
        try
        {
            // The native decoder works on a copy of its own: a decode that is left behind must not see the caller's
            // bytes change under it.
            decode = Open(image.Span[..header.Length], format, header, options.Fidelity);
        }
        catch (OutOfMemoryException)
        {
            return Failed(DecodeStatus.DecoderFailed, "There is no memory.", format, header.Width, header.Height);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limits.Timeout);
        return _threads.Run(token => HashAndDispose(decode, options, token), deadline.Token)
            ?? Failed(DecodeStatus.TimedOut, VipsDecode.TimedOut, format, header.Width, header.Height);
    }

    private static ImageHashes HashAndDispose(VipsDecode decode, HashOptions options, CancellationToken cancellation)
    {
        using (decode)
        {
            return decode.Hash(options, cancellation);
        }
    }

    private VipsDecode Open(ReadOnlySpan<byte> image, ImageFormat format, ImageHeader header, PdqFidelity fidelity)
    {
        if (!header.HasBaggage)
        {
            return new VipsDecode(this, image, format, header, fidelity);
        }

        byte[] picture = ArrayPool<byte>.Shared.Rent(image.Length);
        try
        {
            int length = PngHeader.CopyPicture(image, picture);
            return new VipsDecode(this, picture.AsSpan(0, length), format, header, fidelity);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(picture, clearArray: true);
        }
    }
}
