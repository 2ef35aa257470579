using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Options and pixels that the tests of decoding share.</summary>
internal static class Hashing
{
    public static HashOptions Fast { get; } = new();

    public static HashOptions Reference { get; } = new() { Fidelity = PdqFidelity.Reference };

    /// <summary>The luma of a file, decoded by libvips.</summary>
    public static Luma Pixels(ImageDecoder decoder, byte[] file, PdqFidelity fidelity)
    {
        ImageFormat format = FormatSniffer.Sniff(file);
        ImageHeader header = ImageHeader.Read(format, file);
        header = header with { Frames = Math.Min(header.Frames, 1) };
        using var codec = new VipsCodec(file.AsMemory(0, header.Length), format, header, decoder.Limits, fidelity);
        Assert.Equal(CodecResult.Ok, codec.Open());
        var sink = new LumaSink();
        CodecResult result = codec.Decode(sink, TestContext.Current.CancellationToken);
        Assert.True(result.Status == DecodeStatus.Ok, result.Detail);
        return sink.Luma!;
    }
}
