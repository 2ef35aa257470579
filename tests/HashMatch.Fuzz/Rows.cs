using HashMatch.Imaging;

namespace HashMatch.Fuzz;

/// <summary>Rows of a decode, of which nothing is kept but whether they are what was announced.</summary>
internal sealed class Rows : IPictureSink
{
    private PictureShape _shape;
    private int _count;
    private bool _isStarted;

    /// <summary>Small enough for a decode to be over long before a fuzzer calls it a hang.</summary>
    public static ImageLimits Limits { get; } = new() { MaxPixels = 1_000_000 };

    /// <summary>Decodes once.</summary>
    /// <exception cref="InvalidOperationException">An Ok decode did not keep to its shape.</exception>
    public static void Check(Func<IPictureSink, CodecResult> decode)
    {
        var rows = new Rows();
        CodecResult result = decode(rows);
        if (result.Status == DecodeStatus.Ok && (!rows._isStarted || rows._count != rows._shape.Height))
        {
            throw new InvalidOperationException("An Ok picture has all of its rows.");
        }
    }

    public void Start(in PictureShape shape)
    {
        if ((long)shape.SourceWidth * shape.SourceHeight > Limits.MaxPixels)
        {
            throw new InvalidOperationException("The limits are held before a picture begins.");
        }

        _shape = shape;
        _count = 0;
        _isStarted = true;
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
        if (++_count > _shape.Height || luma.Length != _shape.Width
            || alpha.Length != (_shape.HasAlpha ? _shape.Width : 0))
        {
            throw new InvalidOperationException("A row is not of the shape that was announced.");
        }

        foreach (float value in luma)
        {
            if (value is not (>= 0 and <= 255))
            {
                throw new InvalidOperationException("Luma is 0 to 255.");
            }
        }
    }
}
