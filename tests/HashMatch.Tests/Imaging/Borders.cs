using HashMatch.Imaging;
using HashMatch.Imaging.Hashing;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Tests.Imaging;

/// <summary>Pictures with a border put round them.</summary>
internal static class Borders
{
    public static readonly (string Name, double[] Colour)[] Colours =
    [
        ("black", [0, 0, 0]), ("white", [255, 255, 255]), ("grey", [128, 128, 128]), ("red", [200, 30, 40]),
    ];

    /// <summary>Shares of a side of the whole that the border takes, left, top, right, bottom.</summary>
    public static readonly (string Name, double[] Sides)[] Shapes =
    [
        ("frame", [1, 1, 1, 1]), ("letterbox", [0, 1, 0, 1]), ("pillarbox", [1, 0, 1, 0]), ("top", [0, 1, 0, 0]),
        ("right", [0, 0, 1, 0]), ("corner", [1, 0, 0, 1]),
    ];

    /// <summary>A border of so much of the result's side.</summary>
    public static Image Around(Image picture, double share, double[] sides, double[] colour)
    {
        int width = (int)Math.Round(picture.Width / (1 - (share * (sides[0] + sides[2]))));
        int height = (int)Math.Round(picture.Height / (1 - (share * (sides[1] + sides[3]))));
        int left = Place(width - picture.Width, sides[0], sides[2]);
        int top = Place(height - picture.Height, sides[1], sides[3]);
        return picture.Embed(left, top, width, height, extend: Enums.Extend.Background, background: colour);
    }

    /// <summary>The border that is found in a file's pixels.</summary>
    public static Border Find(ImageDecoder decoder, byte[] file, PdqFidelity fidelity)
    {
        using Luma luma = Hashing.Pixels(decoder, file, fidelity);
        var finder = new BorderFinder(new PictureShape
        {
            Width = luma.Width,
            Height = luma.Height,
            SourceWidth = luma.SourceWidth,
            SourceHeight = luma.SourceHeight,
            ScaleX = luma.ScaleX,
            ScaleY = luma.ScaleY,
        });
        for (int y = 0; y < luma.Height; y++)
        {
            finder.Add(luma.Row(y));
        }

        return finder.Find();
    }

    private static int Place(int space, double before, double after) =>
        before + after == 0 ? 0 : (int)Math.Round(space * before / (before + after));
}
