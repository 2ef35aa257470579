using HashMatch.Imaging;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Rows into the fold.</summary>
internal sealed class FoldSink : IPictureSink, IDisposable
{
    private readonly TentAccumulator _fold = new();

    public void Start(in PictureShape shape) => _fold.Start(
        shape.Width, shape.Height, shape.SourceWidth, shape.SourceHeight, shape.ScaleX, shape.ScaleY);

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha) => _fold.Add(luma);

    public PdqHash Hash() => _fold.Hash().Hash;

    public void Dispose() => _fold.Dispose();
}
