using HashMatch.Imaging;
using HashMatch.Imaging.Jpeg;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>What libvips makes of a JPEG at full size, and what this project's decoder does.</summary>
internal static class JpegOracle
{
    /// <summary>Limits that stop nothing.</summary>
    public static ImageLimits Limits { get; } = new() { MaxWidth = 65535, MaxHeight = 65535 };

    /// <summary>The full-size picture's luma, from RGB as PDQ's reference weighs it.</summary>
    public static Luma Luma(byte[] file)
    {
        using Image image = Image.JpegloadBuffer(file);
        var luma = HashMatch.Pdq.Luma.Allocate(image.Width, image.Height);
        byte[] pixels = image.WriteToMemory<byte>();
        if (image.Bands == 1)
        {
            LumaConversion.FromGrey(pixels, luma.Pixels);
        }
        else
        {
            LumaConversion.FromRgb(pixels, luma.Pixels);
        }

        return luma;
    }

    /// <summary>Decodes what must be Ok.</summary>
    public static LumaSink Decode(byte[] file, int reduction)
    {
        var sink = new LumaSink();
        CodecResult result = JpegDecoder.Decode(
            file, reduction, Limits, sink, TestContext.Current.CancellationToken);
        Assert.True(result.Status == DecodeStatus.Ok, result.Detail);
        Assert.Empty(result.Detail);
        return sink;
    }

    /// <summary>Decodes what may be anything.</summary>
    public static CodecResult Try(byte[] file, int reduction = 1, ImageLimits? limits = null)
    {
        using var sink = new LumaSink();
        return JpegDecoder.Decode(file, reduction, limits ?? Limits, sink, TestContext.Current.CancellationToken);
    }
}
