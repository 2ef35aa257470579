using HashMatch.Imaging;
using HashMatch.Pdq;

namespace HashMatch.Tests.Imaging;

/// <summary>A picture in memory that is decoded like a file: its rows go into a sink.</summary>
internal sealed class DrawnPicture(int width, int height)
{
    public float[] Luma { get; } = new float[width * height];

    /// <summary>One a pixel; null for a picture without alpha.</summary>
    public byte[]? Alpha { get; init; }

    public int Scale { get; init; } = 1;

    public int SourceWidth { get; init; } = width;

    public int SourceHeight { get; init; } = height;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>How often it was decoded.</summary>
    public int Passes { get; private set; }

    /// <summary>A scene as luma.</summary>
    public static DrawnPicture Scene(uint seed, int width, int height, bool hasAlpha = false, int grain = 3)
    {
        var picture = new DrawnPicture(width, height) { Alpha = hasAlpha ? new byte[width * height] : null };
        LumaConversion.FromRgb(SamplePictures.Scene(seed, width, height, grain), picture.Luma);
        picture.Alpha.AsSpan().Fill(byte.MaxValue);
        return picture;
    }

    /// <summary>The picture with lines of a level added on each side.</summary>
    public DrawnPicture Bordered(
        (int Lines, float Level) left, (int Lines, float Level) top,
        (int Lines, float Level) right, (int Lines, float Level) bottom)
    {
        var bordered = new DrawnPicture(left.Lines + Width + right.Lines, top.Lines + Height + bottom.Lines);
        for (int y = 0; y < bordered.Height; y++)
        {
            Span<float> row = bordered.Row(y);
            int from = y - top.Lines;
            if (from < 0 || from >= Height)
            {
                row.Fill(from < 0 ? top.Level : bottom.Level);
                continue;
            }

            row[..left.Lines].Fill(left.Level);
            Row(from).CopyTo(row[left.Lines..]);
            row[(left.Lines + Width)..].Fill(right.Level);
        }

        return bordered;
    }

    public Span<float> Row(int y) => Luma.AsSpan(y * Width, Width);

    /// <summary>Decodes it.</summary>
    public CodecResult Decode(IPictureSink sink)
    {
        Passes++;
        sink.Start(new PictureShape
        {
            Width = Width,
            Height = Height,
            SourceWidth = SourceWidth,
            SourceHeight = SourceHeight,
            ScaleX = Scale,
            ScaleY = Scale,
            HasAlpha = Alpha is not null,
        });
        for (int y = 0; y < Height; y++)
        {
            sink.Add(Row(y), Alpha is null ? [] : Alpha.AsSpan(y * Width, Width));
        }

        return CodecResult.Ok;
    }

    /// <summary>Its pixels.</summary>
    public Luma ToLuma()
    {
        Luma luma = HashMatch.Pdq.Luma.Allocate(Width, Height, SourceWidth, SourceHeight, Scale, Scale);
        Luma.CopyTo(luma.Pixels);
        return luma;
    }
}
