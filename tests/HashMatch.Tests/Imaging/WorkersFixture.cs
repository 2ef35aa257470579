using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Workers;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>Warm workers for the tests of one class.</summary>
public sealed class WorkersFixture : IDisposable
{
    /// <summary>Generous, so that a machine under load changes no result.</summary>
    public static ImageLimits Limits { get; } = new() { Timeout = TimeSpan.FromMinutes(1) };

    public DecodeWorkers Workers { get; } = new(Limits, maxWorkers: 2);

    /// <summary>Has a file hashed as the decoder does, with what its header says.</summary>
    internal ImageHashes Hash(byte[] file, HashOptions? options = null) =>
        Hash(Workers, file, options, TestContext.Current.CancellationToken);

    internal static ImageHashes Hash(
        DecodeWorkers workers, byte[] file, HashOptions? options, CancellationToken cancellation)
    {
        ImageFormat format = FormatSniffer.Sniff(file);
        ImageHeader header = HeaderLimits.Check(ImageHeader.Read(format, file), Limits);
        return header.Status == DecodeStatus.Ok
            ? workers.Hash(file, format, header, options ?? new HashOptions(), Limits, cancellation)
            : new ImageHashes
            {
                Status = header.Status,
                Detail = header.Detail,
                Format = format,
                Width = header.Width,
                Height = header.Height,
            };
    }

    /// <summary>Renditions are compared hash by hash.</summary>
    internal static void AssertSame(ImageHashes expected, ImageHashes actual)
    {
        Assert.Equal(
            expected with { Renditions = [] },
            actual with { Renditions = [] });
        Assert.Equal(expected.Renditions.Select(Words), actual.Renditions.Select(Words));
    }

    public void Dispose() => Workers.Dispose();

    private static string Words(Rendition rendition) => string.Join(
        ' ',
        Enum.GetValues<Orientation>().Select(o => $"{rendition.Upright[o]} {rendition.AsStored[o]}")
            .Append($"{rendition.Frame} {rendition.Kind} {rendition.Upright.Quality} {rendition.AsStored.Quality}"));
}
