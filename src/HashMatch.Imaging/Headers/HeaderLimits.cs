using HashMatch.Pdq;

namespace HashMatch.Imaging.Headers;

/// <summary>Holds what a file claims of itself against the limits, before anything is decoded.</summary>
internal static class HeaderLimits
{
    /// <summary>
    /// The scans of a JPEG, or the frames of an animation, may ask for this many passes over a picture of the most
    /// pixels, and no more.
    /// </summary>
    public const int MaxPasses = 8;

    /// <summary>Frames of one animation; every one costs work, however small it is.</summary>
    public const int MaxFrames = 10_000;

    /// <summary>
    /// What is wrong with a claimed size; the same header when nothing is, or when it is settled or names no size.
    /// </summary>
    public static ImageHeader Check(ImageHeader header, ImageLimits limits)
    {
        (int width, int height) = (header.Width, header.Height);
        long pixels = (long)width * height;
        double passes = Math.Max(header.Passes, header.Frames);
        return header switch
        {
            _ when header.Status != DecodeStatus.Ok || width == 0 => header,
            _ when width > limits.MaxWidth || height > limits.MaxHeight || pixels > limits.MaxPixels =>
                ImageHeader.Failed(DecodeStatus.TooManyPixels, Details.TooLarge, width, height),
            _ when header.Frames > MaxFrames =>
                ImageHeader.Failed(DecodeStatus.TooManyPixels, Details.TooManyFrames, width, height),
            _ when pixels * passes > (double)limits.MaxPixels * MaxPasses => ImageHeader.Failed(
                DecodeStatus.TooManyPixels,
                header.Frames > 1 ? Details.TooManyFrames : Details.TooManyScans,
                width,
                height),
            _ when width < PdqHasher.MinSide || height < PdqHasher.MinSide =>
                ImageHeader.Failed(DecodeStatus.TooSmall, Details.TooSmall, width, height),
            _ when pixels > header.MostPixels =>
                ImageHeader.Failed(DecodeStatus.Truncated, Details.TooFewBytes, width, height),
            _ when pixels > header.LikelyPixels =>
                ImageHeader.Failed(DecodeStatus.TooManyPixels, Details.TooFlat, width, height),
            _ => header,
        };
    }
}
