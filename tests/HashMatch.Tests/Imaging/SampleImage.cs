using HashMatch.Pdq;

namespace HashMatch.Tests.Imaging;

/// <summary>One row of pdq-images.csv.</summary>
internal sealed record SampleImage(
    string File, int Width, int Height, string RgbSha256, int Quality, PdqHash Hash);
