using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Imaging.Png;
using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>What hashing an upload asks for, as its first bytes claim: an estimate of its cost is made of it.</summary>
/// <param name="Format">Told by the first bytes.</param>
/// <param name="Pixels">Width times height times passes or frames; 0 when unknown or when nothing is decoded.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="IsOwn">Whether a decoder of this project takes it, and no worker process.</param>
public readonly record struct DecodeWork(ImageFormat Format, double Pixels, int Bytes, bool IsOwn)
{
    /// <summary>Bytes that are looked at: headers stand at the start, and looking must stay cheap.</summary>
    private const int MostRead = 256 * 1024;

    /// <summary>Reads the claim; never throws on bad bytes.</summary>
    /// <param name="image">The whole file.</param>
    /// <param name="limits">What is over them is not decoded.</param>
    /// <param name="fidelity">Chooses the decoder.</param>
    public static DecodeWork Of(ReadOnlySpan<byte> image, ImageLimits limits, PdqFidelity fidelity)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ImageFormat format = FormatSniffer.Sniff(image);
        if (format == ImageFormat.Unknown)
        {
            return new DecodeWork(format, 0, image.Length, IsOwn: true);
        }

        ReadOnlySpan<byte> start = image[..Math.Min(image.Length, MostRead)];
        ImageHeader header = ImageHeader.Read(format, start);
        bool isOwn = format switch
        {
            ImageFormat.Jpeg => fidelity == PdqFidelity.Fast && JpegDecoder.CanDecode(header),
            ImageFormat.Png => PngDecoder.CanDecode(start),
            _ => false,
        };
        double pixels = (double)header.Width * header.Height;
        if (pixels > limits.MaxPixels || header.Width > limits.MaxWidth || header.Height > limits.MaxHeight)
        {
            return new DecodeWork(format, 0, image.Length, isOwn);
        }

        // Frames and scans that stand further on are taken to be as dense.
        double times = Math.Max(1, Math.Max(header.Passes, header.Frames) * image.Length / start.Length);
        return new DecodeWork(
            format, Math.Min(pixels * times, (double)limits.MaxPixels * HeaderLimits.MaxPasses), image.Length, isOwn);
    }
}
