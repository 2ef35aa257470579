using HashMatch.Imaging;
using HashMatch.Imaging.Workers;

namespace HashMatch.Tests.Imaging;

/// <summary>Decoders over workers that all tests share; they end with the process.</summary>
internal static class Decoders
{
    private static readonly DecodeWorkers Workers = new(
        new ImageLimits { MaxImageBytes = 256 * 1024 * 1024, MaxPixels = 1_000_000_000 }, maxWorkers: 2);

    /// <summary>A decoder of any limits.</summary>
    public static ImageDecoder Of(ImageLimits limits) => new(limits, Workers);
}
