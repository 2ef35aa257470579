using CsCheck;
using HashMatch.Imaging;
using HashMatch.Imaging.Hashing;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class BorderFinderTests
{
    private const int Width = 300;
    private const int Height = 200;

    // A scene whose outermost lines are nothing like any border's.
    private static readonly DrawnPicture Inner = Busy();

    [Theory]
    [InlineData(12, 12, 12, 12)]
    [InlineData(0, 40, 0, 40)]
    [InlineData(60, 0, 60, 0)]
    [InlineData(0, 5, 0, 0)]
    [InlineData(0, 0, 4, 0)]
    [InlineData(4, 0, 0, 0)]
    [InlineData(0, 0, 0, 90)]
    [InlineData(90, 20, 4, 50)]
    public void Every_side_s_border_is_found_on_its_own(int left, int top, int right, int bottom)
    {
        foreach (float level in (float[])[0, 128, 255, 71.25f])
        {
            Border border = Find(
                Inner.Bordered((left, level), (top, level), (right, level), (bottom, level)));
            Assert.Equal(new Border(left, top, right, bottom), border);
        }
    }

    [Fact]
    public void Sides_may_have_different_colours()
    {
        Assert.Equal(
            new Border(10, 30, 20, 40), Find(Inner.Bordered((10, 0), (30, 255), (20, 90), (40, 128))));
        Assert.Equal(new Border(0, 30, 0, 40), Find(Inner.Bordered((0, 0), (30, 255), (0, 0), (40, 0))));
    }

    [Fact]
    public void Noise_of_a_few_levels_is_tolerated() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            Random random = new(seed);
            DrawnPicture bordered = Inner.Bordered((20, 30), (25, 30), (30, 30), (35, 30));
            for (int i = 0; i < bordered.Luma.Length; i++)
            {
                bordered.Luma[i] += (random.NextSingle() * 5) - 2.5f;
            }

            Assert.Equal(new Border(20, 25, 30, 35), Find(bordered));
        },
        iter: 20);

    [Fact]
    public void Blurred_last_lines_are_border()
    {
        DrawnPicture bordered = Inner.Bordered((20, 30), (25, 30), (30, 30), (35, 30));
        Random random = new(1);
        for (int y = 25; y < 25 + Height; y++)
        {
            for (int x = 16; x < 20; x++)
            {
                bordered.Row(y)[x] += (random.NextSingle() * 30) - 15;
            }
        }

        Assert.Equal(new Border(20, 25, 30, 35), Find(bordered));
    }

    [Fact]
    public void A_plain_line_between_picture_and_border_hides_neither()
    {
        DrawnPicture bordered = Inner.Bordered((0, 0), (0, 0), (0, 0), (35, 255));
        bordered.Row(Height).Fill(240);
        Assert.Equal(new Border(0, 0, 0, 34), Find(bordered));
    }

    [Fact]
    public void A_border_over_two_fifths_of_a_side_is_left()
    {
        Assert.Equal(new Border(0, 30, 0, 0), Find(Inner.Bordered((250, 0), (30, 0), (0, 0), (0, 0))));
        Assert.Equal(new Border(30, 0, 0, 0), Find(Inner.Bordered((30, 0), (0, 0), (0, 0), (170, 0))));
    }

    [Fact]
    public void A_picture_of_one_colour_has_no_border()
    {
        var flat = new DrawnPicture(100, 80);
        Assert.True(Find(flat).IsEmpty);
        flat.Luma.AsSpan().Fill(200);
        Assert.True(Find(flat).IsEmpty);
        flat.Luma.AsSpan(0, 4000).Fill(10);
        Assert.True(Find(flat).IsEmpty);
    }

    [Fact]
    public void Rows_of_one_colour_within_the_picture_are_part_of_it()
    {
        DrawnPicture bordered = Inner.Bordered((20, 30), (25, 30), (30, 30), (35, 30));
        bordered.Row(120).Fill(30);
        Assert.Equal(new Border(20, 25, 30, 35), Find(bordered));
        bordered.Row(120).Fill(230);
        Assert.Equal(new Border(0, 25, 0, 35), Find(bordered));
    }

    [Fact]
    public void A_gradient_is_no_border()
    {
        var gradient = new DrawnPicture(256, 256);
        for (int y = 0; y < 256; y++)
        {
            for (int x = 0; x < 256; x++)
            {
                gradient.Row(y)[x] = (x + y) / 2;
            }
        }

        Assert.True(Find(gradient).IsEmpty);
    }

    [Fact]
    public void Any_size_is_taken() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 1_000_000]).Sample(
        (width, height, seed) =>
        {
            Random random = new(seed);
            var picture = new DrawnPicture(width, height);
            for (int i = 0; i < picture.Luma.Length; i++)
            {
                picture.Luma[i] = random.Next(2) * 255;
            }

            Border border = Find(picture);
            Assert.True(border.Left + border.Right < width && border.Top + border.Bottom < height, $"{border}");
        },
        iter: 2000);

    [Theory]
    [InlineData(2, 1001, 801)]
    [InlineData(8, 2400, 1601)]
    public void A_crop_of_a_reduced_decode_knows_its_source(int scale, int sourceWidth, int sourceHeight)
    {
        var picture = new DrawnPicture((sourceWidth + scale - 1) / scale, (sourceHeight + scale - 1) / scale)
        {
            Scale = scale,
            SourceWidth = sourceWidth,
            SourceHeight = sourceHeight,
        };
        var sink = new LumaSink();
        picture.Decode(new CropSink(sink, new Border(3, 2, 0, 0)));
        Assert.Equal(
            (picture.Width - 3, picture.Height - 2, sourceWidth - (3 * scale), sourceHeight - (2 * scale)),
            (sink.Luma!.Width, sink.Luma.Height, sink.Luma.SourceWidth, sink.Luma.SourceHeight));
        picture.Decode(new CropSink(sink, new Border(1, 1, 4, 5)));
        Assert.Equal(
            (picture.Width - 5, picture.Height - 6, (picture.Width - 5) * scale, (picture.Height - 6) * scale),
            (sink.Luma.Width, sink.Luma.Height, sink.Luma.SourceWidth, sink.Luma.SourceHeight));
        Assert.Equal((double)scale, sink.Luma.ScaleX);
    }

    private static DrawnPicture Busy()
    {
        DrawnPicture picture = DrawnPicture.Scene(9, Width, Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (x is 0 or Width - 1 || y is 0 or Height - 1)
                {
                    picture.Row(y)[x] = (x + y) / 8 % 2 == 0 ? 40 : 190;
                }
            }
        }

        return picture;
    }

    private static Border Find(DrawnPicture picture)
    {
        var finder = new BorderFinder(new PictureShape
        {
            Width = picture.Width,
            Height = picture.Height,
            SourceWidth = picture.Width,
            SourceHeight = picture.Height,
        });
        for (int y = 0; y < picture.Height; y++)
        {
            finder.Add(picture.Row(y));
        }

        return finder.Find();
    }
}
