using HashMatch.Imaging.Headers;

namespace HashMatch.Imaging.Vips;

/// <summary>A file to its hashes by libvips, in this process: what a worker does with a request.</summary>
internal static class VipsHashes
{
    /// <summary>Hashes a still picture, or the frames of an animation. Never throws on bad bytes.</summary>
    /// <param name="file">The file; must not change meanwhile.</param>
    /// <param name="format">What it is.</param>
    /// <param name="limits">What it may ask for.</param>
    /// <param name="options">What is hashed.</param>
    /// <param name="cancellation">Ends the work with <see cref="DecodeStatus.TimedOut"/>.</param>
    public static ImageHashes Hash(
        ReadOnlyMemory<byte> file,
        ImageFormat format,
        ImageLimits limits,
        HashOptions options,
        CancellationToken cancellation)
    {
        ImageHeader header = HeaderLimits.Check(ImageHeader.Read(format, file.Span), limits);
        if (header.Status != DecodeStatus.Ok)
        {
            return Failed(format, header, new CodecResult(header.Status, header.Detail));
        }

        if (VipsLibrary.WhyNot is string problem)
        {
            return Failed(format, header, new CodecResult(DecodeStatus.DecoderFailed, problem));
        }

        if (options.MaxFrames == 1)
        {
            header = header with { Frames = Math.Min(header.Frames, 1) };
        }

        using var codec = new VipsCodec(file[..header.Length], format, header, limits, options.Fidelity);
        List<Rendition> renditions = [];
        CodecResult result = codec.Open();
        if (result.Status == DecodeStatus.Ok)
        {
            result = codec.FrameCount == 1
                ? PictureHasher.Hash(
                    sink => codec.Decode(sink, cancellation), options, codec.Upright, 0, renditions)
                : codec.DecodeFrames(
                    Frames.Spread(codec.FrameCount, options.MaxFrames),
                    (frame, decode) => PictureHasher.Hash(decode, options, codec.Upright, frame, renditions),
                    cancellation);
        }

        return result.Status != DecodeStatus.Ok
            ? Failed(format, codec.Header, result)
            : new ImageHashes
            {
                Status = DecodeStatus.Ok,
                Format = format,
                Width = codec.Header.Width,
                Height = codec.Header.Height,
                Upright = codec.Upright,
                FrameCount = codec.FrameCount,
                Renditions = renditions,
            };
    }

    private static ImageHashes Failed(ImageFormat format, ImageHeader header, CodecResult result) => new()
    {
        Status = result.Status,
        Detail = result.Detail,
        Format = format,
        Width = header.Width,
        Height = header.Height,
        FrameCount = Math.Max(1, header.Frames),
    };
}
