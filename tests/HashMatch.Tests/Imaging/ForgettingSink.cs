using HashMatch.Imaging;

namespace HashMatch.Tests.Imaging;

/// <summary>Keeps nothing.</summary>
internal sealed class ForgettingSink : IPictureSink
{
    public void Start(in PictureShape shape)
    {
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
    }
}
