using CsCheck;
using HashMatch.Imaging.Headers;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class ExifOrientationTests
{
    [Theory]
    [InlineData(1, Orientation.Original)]
    [InlineData(2, Orientation.FlippedY)]
    [InlineData(3, Orientation.Rotated180)]
    [InlineData(4, Orientation.FlippedX)]
    [InlineData(5, Orientation.FlippedPlus1)]
    [InlineData(6, Orientation.Rotated270)]
    [InlineData(7, Orientation.FlippedMinus1)]
    [InlineData(8, Orientation.Rotated90)]
    [InlineData(0, Orientation.Original)]
    [InlineData(9, Orientation.Original)]
    public void A_tag_is_read_in_both_byte_orders_and_from_a_file(int tag, Orientation expected)
    {
        byte high = (byte)tag;
        Assert.Equal(expected, ExifOrientation.Read(Little(high)));
        byte[] big =
            [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, high, 0, 0, 0, 0, 0, 0];
        Assert.Equal(expected, ExifOrientation.Read(big));
        using Image plain = Encodings.FromRgb(Encodings.Rgb, Encodings.Width, Encodings.Height);
        using Image image = plain.Mutate(m => m.Set(GValue.GIntType, "orientation", tag));
        Assert.Equal(expected, JpegHeader.Read(image.JpegsaveBuffer()).Upright);
    }

    [Fact]
    public void Bytes_that_end_early_turn_nothing()
    {
        byte[] block = Little(6);
        for (int length = 0; length < block.Length - 4; length++)
        {
            if (length < 20)
            {
                Assert.Equal(Orientation.Original, ExifOrientation.Read(block.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void Noise_never_throws() => Gen.Byte.Array[0, 80].Sample(
        noise =>
        {
            _ = ExifOrientation.Read(noise);
            _ = ExifOrientation.Read([.. "II*\0"u8, .. noise]);
            _ = ExifOrientation.Read([.. "MM\0*"u8, 0, 0, 0, 8, .. noise]);
        },
        iter: 3000);

    private static byte[] Little(byte tag) =>
        [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 18, 1, 3, 0, 1, 0, 0, 0, tag, 0, 0, 0, 0, 0, 0, 0];
}
