namespace HashMatch.Imaging.Hashing;

/// <summary>Hands on what is left of a picture without its border; alpha is left out.</summary>
/// <param name="sink">Takes the smaller picture.</param>
/// <param name="border">Leaves at least one pixel.</param>
internal sealed class CropSink(IPictureSink sink, Border border) : IPictureSink
{
    private int _row;
    private PictureShape _shape;

    public void Start(in PictureShape shape)
    {
        _row = 0;
        (int width, int sourceWidth) = Cut(shape.Width, shape.SourceWidth, shape.ScaleX, border.Left, border.Right);
        (int height, int sourceHeight) =
            Cut(shape.Height, shape.SourceHeight, shape.ScaleY, border.Top, border.Bottom);
        _shape = new PictureShape
        {
            Width = width,
            Height = height,
            SourceWidth = sourceWidth,
            SourceHeight = sourceHeight,
            ScaleX = shape.ScaleX,
            ScaleY = shape.ScaleY,
        };
        sink.Start(_shape);
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
        int y = _row++ - border.Top;
        if (y >= 0 && y < _shape.Height)
        {
            sink.Add(luma.Slice(border.Left, _shape.Width), []);
        }
    }

    // The last stored pixel stands for what is left of the source; one that is cut off takes that with it.
    private static (int Stored, int Source) Cut(int stored, int source, double scale, int before, int after)
    {
        int left = stored - before - after;
        double end = after == 0 ? source : (stored - after) * scale;
        return (left, Math.Max(left, (int)Math.Round(end - (before * scale))));
    }
}
