using System.Buffers;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>
/// Upload bytes to luma. Never throws on bad bytes; safe for concurrent use. Pixels are the stored ones: EXIF is
/// reported, not applied; alpha is dropped, not blended; palettes are expanded; 16 bits keep their upper eight; CMYK
/// becomes (255 - ink)(255 - black) / 255, without a profile. Of an animation the first picture counts.
/// </summary>
public sealed class ImageDecoder
{
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

    /// <summary>Decodes one upload while the caller waits, at most for <see cref="ImageLimits.Timeout"/>.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="fidelity">Fast takes a reduced decode where the format offers one; Reference full size.</param>
    /// <param name="cancellation">Ends the decode with <see cref="DecodeStatus.TimedOut"/>.</param>
    public DecodeResult Decode(
        ReadOnlyMemory<byte> image, PdqFidelity fidelity, CancellationToken cancellation)
    {
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

        if (VipsLibrary.WhyNot is string problem)
        {
            return Failed(DecodeStatus.DecoderFailed, problem, format, header.Width, header.Height);
        }

        return Run(image, format, header, fidelity, cancellation);
    }

    /// <summary>What is wrong with a claimed size; the same header when nothing is.</summary>
    internal ImageHeader Check(ImageHeader header) => HeaderLimits.Check(header, Limits);

    private static DecodeResult Failed(
        DecodeStatus status, string detail, ImageFormat format = ImageFormat.Unknown, int width = 0, int height = 0) =>
        new() { Status = status, Detail = detail, Format = format, Width = width, Height = height };

    private DecodeResult Run(
        ReadOnlyMemory<byte> image,
        ImageFormat format,
        ImageHeader header,
        PdqFidelity fidelity,
        CancellationToken cancellation)
    {
        // The native decoder works on a copy of its own: a decode that is left behind must not see the caller's bytes
        // change under it.
        if (cancellation.IsCancellationRequested)
        {
            return Failed(DecodeStatus.TimedOut, Details.TimedOut, format, header.Width, header.Height);
        }

        if (_threads.IsFull)
        {
            return Failed(DecodeStatus.DecoderFailed, "Too many decodes are past their deadline.", format);
        }

        VipsDecode decode;
        try
        {
            decode = Open(image.Span[..header.Length], format, header, fidelity);
        }
        catch (OutOfMemoryException)
        {
            return Failed(DecodeStatus.DecoderFailed, "There is no memory.", format, header.Width, header.Height);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limits.Timeout);
        return _threads.Run(decode.Run, deadline.Token)
            ?? Failed(DecodeStatus.TimedOut, Details.TimedOut, format, header.Width, header.Height);
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
