using HashMatch.Imaging;

namespace HashMatch.Tests.Imaging;

/// <summary>Keeps what a codec hands over, and holds it to the sink's rules.</summary>
internal sealed class RecordingSink : IPictureSink
{
    public PictureShape Shape { get; private set; }

    public int Starts { get; private set; }

    public List<float> Luma { get; } = [];

    public List<byte> Alpha { get; } = [];

    public int Rows => Shape.Width == 0 ? 0 : Luma.Count / Shape.Width;

    public void Start(in PictureShape shape)
    {
        Shape = shape;
        Starts++;
        Luma.Clear();
        Alpha.Clear();
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
        if (Starts == 0 || Rows == Shape.Height)
        {
            throw new InvalidOperationException("A row that was not announced.");
        }

        if (luma.Length != Shape.Width || alpha.Length != (Shape.HasAlpha ? Shape.Width : 0))
        {
            throw new ArgumentException("A row of another length.");
        }

        Luma.AddRange(luma);
        Alpha.AddRange(alpha);
    }
}
