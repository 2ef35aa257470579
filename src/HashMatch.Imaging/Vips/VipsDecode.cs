using HashMatch.Imaging.Headers;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Vips;

/// <summary>One decode by libvips to luma that is whole; owns a copy of the file, and never throws.</summary>
internal sealed class VipsDecode(
    ImageDecoder decoder, ReadOnlySpan<byte> image, ImageFormat format, ImageHeader header, PdqFidelity fidelity)
{
    private readonly byte[] _file = image.ToArray();

    /// <summary>Decodes; once.</summary>
    public DecodeResult Run(CancellationToken cancellation)
    {
        ImageHeader first = header with { Frames = Math.Min(header.Frames, 1) };
        using var codec = new VipsCodec(_file, format, first, decoder.Limits, fidelity);
        var sink = new LumaSink();
        CodecResult result = codec.Open();
        if (result.Status == DecodeStatus.Ok)
        {
            result = codec.Decode(sink, cancellation);
        }

        if (result.Status != DecodeStatus.Ok)
        {
            sink.Dispose();
            return new DecodeResult
            {
                Status = result.Status,
                Detail = result.Detail,
                Format = format,
                Width = header.Width,
                Height = header.Height,
            };
        }

        return new DecodeResult
        {
            Status = DecodeStatus.Ok,
            Format = format,
            Width = codec.Header.Width,
            Height = codec.Header.Height,
            Upright = codec.Upright,
            Luma = sink.Luma,
        };
    }
}
