using HashMatch.Imaging;
using HashMatch.Imaging.Png;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>What libvips makes of a PNG, and whether the own decoder makes the same of it.</summary>
internal static class PngOracle
{
    private static readonly ImageLimits Limits = new();

    /// <summary>Fails unless luma and alpha are the same bits, or both decoders refuse the file.</summary>
    /// <returns>What the own decoder says.</returns>
    public static DecodeStatus Compare(byte[] png, string name)
    {
        Assert.True(PngDecoder.CanDecode(png), name);
        var sink = new RecordingSink();
        CodecResult own = PngDecoder.Decode(png, Limits, sink, TestContext.Current.CancellationToken);
        Assert.Equal(own.Status == DecodeStatus.Ok, own.Detail.Length == 0);
        if (Read(png) is not (float[] luma, byte[] alpha, int width, int height))
        {
            Assert.True(own.Status is DecodeStatus.Corrupt or DecodeStatus.Truncated, $"{name}: {own}");
            return own.Status;
        }

        Assert.True(own.Status == DecodeStatus.Ok, $"{name}: {own}");
        Assert.Equal(1, sink.Starts);
        Assert.Equal((width, height), (sink.Shape.SourceWidth, sink.Shape.SourceHeight));
        Assert.Equal((width, height), (sink.Shape.Width, sink.Rows));
        Assert.True(sink.Luma.SequenceEqual(luma), $"{name}: another luma");
        Assert.True(sink.Alpha.SequenceEqual(alpha), $"{name}: another alpha");
        return own.Status;
    }

    /// <summary>Whether libvips sees no picture.</summary>
    public static bool Refuses(byte[] png) => Read(png) is null;

    private static (float[] Luma, byte[] Alpha, int Width, int Height)? Read(byte[] png)
    {
        Assert.Null(VipsLibrary.WhyNot);
        try
        {
            using var source = Source.NewFromMemory(png.AsSpan());
            using Image image = VipsLibrary.Open(ImageFormat.Png, source, 1);
            (int width, int height, int bands) = (image.Width, image.Height, image.Bands);
            byte[] bytes = image.WriteToMemory<byte>();
            float[] luma = new float[width * height];
            byte[] alpha = bands is 2 or 4 ? new byte[luma.Length] : [];
            for (int i = 0; i < alpha.Length; i++)
            {
                alpha[i] = bytes[(bands * i) + bands - 1];
            }

            Convert(bytes, luma, bands);
            return (luma, alpha, width, height);
        }
        catch (VipsException)
        {
            return null;
        }
    }

    private static void Convert(byte[] bytes, float[] luma, int bands)
    {
        switch (bands)
        {
            case 1:
                LumaConversion.FromGrey(bytes, luma);
                break;
            case 2:
                LumaConversion.FromGrey([.. bytes.Where((_, i) => i % 2 == 0)], luma);
                break;
            case 3:
                LumaConversion.FromRgb(bytes, luma);
                break;
            default:
                LumaConversion.FromRgba(bytes, luma);
                break;
        }
    }
}
