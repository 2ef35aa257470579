using HashMatch.Imaging;
using HashMatch.Pdq;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class OrientationTests
{
    private const int Width = 640;
    private const int Height = 480;

    private static readonly ImageDecoder Decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });

    public static TheoryData<int, string> Tags
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (string format in (string[])["jpeg", "png", "webp", "tiff"])
            {
                for (int tag = 1; tag <= 8; tag++)
                {
                    data.Add(tag, format);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tags))]
    public void A_picture_stored_turned_with_its_tag_comes_out_upright(int tag, string format)
    {
        byte[] upright = SamplePictures.Scene(21, Width, Height);
        DihedralHashes expected = Decode(Encode(upright, Width, Height, 1, format), out Orientation none);
        Assert.Equal(Orientation.Original, none);
        byte[] stored = Stored(upright, tag, out int width, out int height);
        DihedralHashes hashes = Decode(Encode(stored, width, height, tag, format), out Orientation turn);
        DihedralHashes turned = hashes.Reoriented(turn);
        foreach (Orientation orientation in Enum.GetValues<Orientation>())
        {
            int distance = turned[orientation].Distance(expected[orientation]);
            Assert.True(distance <= 16, $"{orientation}: {distance}");
        }

        if (tag != 1)
        {
            int untouched = hashes[Orientation.Original].Distance(expected[Orientation.Original]);
            Assert.True(untouched > 64, $"as stored: {untouched}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(255)]
    public void A_tag_that_means_nothing_turns_nothing(int tag)
    {
        byte[] rgb = SamplePictures.Scene(21, Width, Height);
        _ = Decode(Encode(rgb, Width, Height, tag, "jpeg"), out Orientation turn);
        Assert.Equal(Orientation.Original, turn);
    }

    private static DihedralHashes Decode(byte[] file, out Orientation upright)
    {
        ImageHashes decoded =
            Decoder.Hash(file, Hashing.Reference, TestContext.Current.CancellationToken);
        Assert.True(decoded.Status == DecodeStatus.Ok, decoded.Detail);
        upright = decoded.Upright;
        return decoded.Renditions[0].AsStored;
    }

    private static byte[] Encode(byte[] rgb, int width, int height, int tag, string format)
    {
        using Image plain = Encodings.FromRgb(rgb, width, height);
        using Image image = plain.Mutate(m => m.Set(GValue.GIntType, "orientation", tag));
        return format switch
        {
            "jpeg" => image.JpegsaveBuffer(q: 95),
            "png" => image.PngsaveBuffer(),
            "webp" => image.WebpsaveBuffer(q: 95),
            _ => image.TiffsaveBuffer(),
        };
    }

    // EXIF's own words: the sides of the upright picture on which the stored row 0 and the stored column 0 lie.
    private static byte[] Stored(byte[] upright, int tag, out int width, out int height)
    {
        bool isTransposed = tag >= 5;
        (width, height) = isTransposed ? (Height, Width) : (Width, Height);
        byte[] stored = new byte[upright.Length];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                (int x, int y) = tag switch
                {
                    1 => (column, row), // top, left
                    2 => (Width - 1 - column, row), // top, right
                    3 => (Width - 1 - column, Height - 1 - row), // bottom, right
                    4 => (column, Height - 1 - row), // bottom, left
                    5 => (row, column), // left, top
                    6 => (Width - 1 - row, column), // right, top
                    7 => (Width - 1 - row, Height - 1 - column), // right, bottom
                    _ => (row, Height - 1 - column), // left, bottom
                };
                upright.AsSpan(3 * ((y * Width) + x), 3).CopyTo(stored.AsSpan(3 * ((row * width) + column)));
            }
        }

        return stored;
    }
}
