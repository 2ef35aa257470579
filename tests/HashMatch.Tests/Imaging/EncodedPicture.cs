using HashMatch.Imaging;

namespace HashMatch.Tests.Imaging;

/// <summary>One file that a test made.</summary>
/// <param name="Name">For the test's name.</param>
/// <param name="Format">What it is.</param>
/// <param name="MaxDistance">Bits that its hash may be from the original's: 0 for a lossless file.</param>
/// <param name="File">The bytes.</param>
internal sealed record EncodedPicture(string Name, ImageFormat Format, int MaxDistance, byte[] File);
