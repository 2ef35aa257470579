using HashMatch.Imaging;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Rows into nothing: the decode alone.</summary>
internal sealed class NoSink : IPictureSink
{
    public void Start(in PictureShape shape)
    {
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
    }
}
