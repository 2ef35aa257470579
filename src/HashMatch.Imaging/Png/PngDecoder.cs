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
    /// <summary>Whether the header names a picture that is decoded here; others are for libvips.</summary>
    public static bool CanDecode(ReadOnlySpan<byte> image) => PngPreamble.ReadHeader(image) is not null;

    /// <summary>Decodes a file that <see cref="CanDecode"/>. Bad bytes never throw.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="limits">What the picture's size is held against.</param>
    /// <param name="sink">Gets one picture, at full size.</param>
    /// <param name="cancellation">Looked at between strips of 64 KiB of pixels, or of a row where that is more.</param>
    /// <returns>Ok; or UnsupportedFormat, TooManyPixels, Truncated, Corrupt, TimedOut.</returns>
    public static CodecResult Decode(
        ReadOnlyMemory<byte> image, ImageLimits limits, IPictureSink sink, CancellationToken cancellation)
    {
        if (PngPreamble.ReadHeader(image.Span) is not { } preamble)
        {
            return new CodecResult(DecodeStatus.UnsupportedFormat, "The PNG is of 16 bits, interlaced or no PNG.");
        }

        CodecResult result = Check(preamble, image.Span, limits);
        if (result.Status == DecodeStatus.Ok)
        {
            result = preamble.ReadChunks(image.Span);
        }

        if (result.Status != DecodeStatus.Ok)
        {
            return result;
        }

        using var pixels = new PngPixels(preamble);
        using var data = new ImageDataStream(image, preamble.DataStart, cancellation);
        using var rows = new PngRows(preamble, data);
        sink.Start(new PictureShape
        {
            Width = preamble.Width,
            Height = preamble.Height,
            SourceWidth = preamble.Width,
            SourceHeight = preamble.Height,
            HasAlpha = pixels.HasAlpha,
        });
        result = Decode(rows, pixels, sink, cancellation);

        // Cancelled data look like data that end.
        return cancellation.IsCancellationRequested && result.Status != DecodeStatus.Ok ? TimedOut : result;
    }

    private static CodecResult TimedOut =>
        new(DecodeStatus.TimedOut, "The decode took longer than is allowed, or was cancelled.");

    private static CodecResult Check(PngPreamble preamble, ReadOnlySpan<byte> image, ImageLimits limits)
    {
        (int width, int height) = (preamble.Width, preamble.Height);
        if (width > limits.MaxWidth || height > limits.MaxHeight || (long)width * height > limits.MaxPixels)
        {
            return new CodecResult(DecodeStatus.TooManyPixels, "The picture is larger than is allowed.");
        }

        return PngHeader.Read(image).MostPixels is long most && (long)width * height > most
            ? new CodecResult(DecodeStatus.Truncated, "The picture is larger than its bytes can hold.")
            : CodecResult.Ok;
    }

    private static CodecResult Decode(
        PngRows rows, PngPixels pixels, IPictureSink sink, CancellationToken cancellation)
    {
        while (true)
        {
            if (cancellation.IsCancellationRequested)
            {
                return TimedOut;
            }

            CodecResult result = rows.Fill(out int rowCount);
            if (result.Status != DecodeStatus.Ok || rowCount == 0)
            {
                return result;
            }

            for (int i = 0; i < rowCount; i++)
            {
                if (!rows.TryNext(out ReadOnlySpan<byte> row))
                {
                    return new CodecResult(DecodeStatus.Corrupt, "A row of the PNG has a filter that does not exist.");
                }

                pixels.Take(row);
                sink.Add(pixels.Luma, pixels.Alpha);
            }
        }
    }
}
