using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>Keeps a picture's luma whole.</summary>
internal sealed class LumaSink : IPictureSink, IDisposable
{
    private int _row;

    /// <summary>The last picture; null before the first. Disposed with the sink.</summary>
    public Luma? Luma { get; private set; }

    public void Start(in PictureShape shape)
    {
        Luma?.Dispose();
        Luma = Luma.Allocate(
            shape.Width, shape.Height, shape.SourceWidth, shape.SourceHeight, shape.ScaleX, shape.ScaleY);
        _row = 0;
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha) => luma.CopyTo(Luma!.Row(_row++));

    public void Dispose() => Luma?.Dispose();
}
