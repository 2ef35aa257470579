using System.Text;
using HashMatch.Imaging;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class FormatSnifferTests
{
    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GIF88a and no more")]
    [InlineData("Just a text that somebody has uploaded.")]
    [InlineData("<!doctype html><html><body><img src='a.png'></body></html>")]
    [InlineData("%PDF-1.7\n1 0 obj <<>> endobj")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'/>")]
    [InlineData("PK\u0003\u0004\u0014\0\0\0\b\0 and so on and so on")]
    [InlineData("BM6\0\f\0\0\0\0\0006\0\0\0(\0\0\0 a bitmap")]
    [InlineData("RIFF\u0024\0\0\0WAVEfmt and a sound")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic and more")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0mif1heic and more")]
    [InlineData("\0\0\0\u0018ftypisom\0\0\0\0isommp42 and more")]
    [InlineData("\0\0\0\fJXL \r\n\u0087\n and more of it")]
    [InlineData("P6 10 10 255 and the pixels")]
    public void What_is_no_image_is_an_unsupported_format(string content)
    {
        ImageHashes decoded = Decoders.Of(new ImageLimits()).Hash(
            Encoding.Latin1.GetBytes(content), Hashing.Fast, TestContext.Current.CancellationToken);
        Assert.Equal(DecodeStatus.UnsupportedFormat, decoded.Status);
        Assert.Equal(ImageFormat.Unknown, decoded.Format);
        Assert.NotEmpty(decoded.Detail);
    }

    [Theory]
    [InlineData("avif", "mif1", ImageFormat.Avif)]
    [InlineData("avis", "avif", ImageFormat.Avif)]
    [InlineData("mif1", "avif", ImageFormat.Avif)]
    [InlineData("mif1", "miaf", ImageFormat.Avif)]
    [InlineData("mif1", "heix", ImageFormat.Unknown)]
    [InlineData("isom", "avif", ImageFormat.Avif)]
    [InlineData("isom", "mp42", ImageFormat.Unknown)]
    public void Avif_is_told_by_its_brands(string major, string compatible, ImageFormat expected)
    {
        byte[] file = Encoding.Latin1.GetBytes($"\0\0\0\u0014ftyp{major}\0\0\0\0{compatible}");
        Assert.Equal(expected, FormatSniffer.Sniff(file));
    }

    [Fact]
    public void Bytes_behind_the_brands_are_no_brands()
    {
        byte[] file = Encoding.Latin1.GetBytes("\0\0\0\u0014ftypisom\0\0\0\0mp42avif");
        Assert.Equal(ImageFormat.Unknown, FormatSniffer.Sniff(file));
    }

    [Fact]
    public void Every_encoded_picture_is_told_by_its_first_bytes()
    {
        foreach (EncodedPicture picture in Encodings.All.Values)
        {
            Assert.Equal(picture.Format, FormatSniffer.Sniff(picture.File.AsSpan(0, 32)));
        }
    }
}
