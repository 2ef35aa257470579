using HashMatch.Imaging.Headers;

namespace HashMatch.Imaging.Png;

/// <summary>
/// PNG (W3C PNG, ISO/IEC 15948) to rows of luma: every colour type of up to 8 bits a sample, not interlaced. Memory is
/// bounded by a few rows. Colours are the stored ones: gamma, profiles and backgrounds are not looked at, alpha is
/// passed beside the luma. Text and profiles are never inflated. What is a picture and what is broken agrees with
/// libpng as libvips sets it up.
/// </summary>
internal static class PngDecoder
{
    internal static CodecResult TimedOut =>
        new(DecodeStatus.TimedOut, Details.TimedOut);

    /// <summary>Whether the header names a picture that is decoded here; others are for libvips.</summary>
    public static bool CanDecode(ReadOnlySpan<byte> image) => PngPreamble.ReadHeader(image) is not null;

    /// <summary>Decodes a file that <see cref="CanDecode"/>. Bad bytes never throw.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="limits">What the picture's size is held against.</param>
    /// <param name="sink">Gets one picture, at full size.</param>
    /// <param name="cancellation">Looked at every 96 KiB of rows, or every row where that is more.</param>
    /// <returns>Ok; or UnsupportedFormat, TooManyPixels, Truncated, Corrupt, TimedOut.</returns>
    public static CodecResult Decode(
        ReadOnlyMemory<byte> image, ImageLimits limits, IPictureSink sink, CancellationToken cancellation)
    {
        if (PngPreamble.ReadHeader(image.Span) is not { } preamble)
        {
            return new CodecResult(DecodeStatus.UnsupportedFormat, "The PNG is of 16 bits, interlaced or no PNG.");
        }

        (int width, int height) = (preamble.Width, preamble.Height);
        if (width > limits.MaxWidth || height > limits.MaxHeight || (long)width * height > limits.MaxPixels)
        {
            return new CodecResult(DecodeStatus.TooManyPixels, Details.TooLarge);
        }

        CodecResult result = preamble.ReadChunks(image.Span);
        if (result.Status != DecodeStatus.Ok)
        {
            return result;
        }

        if (PngHeader.Read(image.Span).MostPixels is long most && (long)width * height > most)
        {
            return new CodecResult(DecodeStatus.Truncated, Details.TooFewBytes);
        }

        using var pixels = new PngPixels(preamble, image.Span);
        using var rows = new PngRows(preamble, image, cancellation);
        sink.Start(new PictureShape
        {
            Width = width,
            Height = height,
            SourceWidth = width,
            SourceHeight = height,
            HasAlpha = pixels.HasAlpha,
        });
        for (int y = 0; y < height && result.Status == DecodeStatus.Ok; y++)
        {
            result = rows.TryNext(out ReadOnlySpan<byte> row);
            if (result.Status == DecodeStatus.Ok)
            {
                pixels.Take(row);
                sink.Add(pixels.Luma, pixels.Alpha);
            }
        }

        result = result.Status == DecodeStatus.Ok ? rows.Finish() : result;

        // Cancelled data look like data that end.
        return cancellation.IsCancellationRequested && result.Status != DecodeStatus.Ok ? TimedOut : result;
    }
}
