using HashMatch.Imaging;
using NetVips;

namespace HashMatch.Tests.Imaging;

/// <summary>One picture as files of every kind that is decoded, written by libvips.</summary>
internal static class Encodings
{
    public const uint Seed = 7;
    public const int Width = 160;
    public const int Height = 120;

    private static readonly Lazy<IReadOnlyDictionary<string, EncodedPicture>> Made = new(MakeAll);

    /// <summary>The picture that all of them show.</summary>
    public static byte[] Rgb { get; } = SamplePictures.Scene(Seed, Width, Height);

    public static IReadOnlyDictionary<string, EncodedPicture> All => Made.Value;

    /// <summary>An image over interleaved bytes.</summary>
    public static Image FromBytes(byte[] bytes, int width, int height, Enums.Interpretation interpretation)
    {
        using Image image = Image.NewFromMemory(
            bytes, width, height, bytes.Length / (width * height), Enums.BandFormat.Uchar);
        return image.Copy(interpretation: interpretation);
    }

    public static Image FromRgb(byte[] rgb, int width, int height) =>
        FromBytes(rgb, width, height, Enums.Interpretation.Srgb);

    /// <summary>Frames below one another, as libvips wants an animation.</summary>
    public static Image Animation(int frames, int width, int height)
    {
        Image[] pictures = [.. Enumerable.Range(0, frames)
            .Select(i => FromRgb(SamplePictures.Scene(Seed + (uint)i, width, height), width, height))];
        using Image joined = Image.Arrayjoin(pictures, across: 1);
        return joined.Mutate(m => m.Set(GValue.GIntType, "page-height", height));
    }

    private static Dictionary<string, EncodedPicture> MakeAll()
    {
        using Image rgb = FromRgb(Rgb, Width, Height);
        using Image grey = FromBytes(Grey(), Width, Height, Enums.Interpretation.Bw);
        using Image alpha = rgb.Bandjoin(Image.Xyz(Width, Height)[0].Cast(Enums.BandFormat.Uchar));
        using Image greyAlpha = grey.Bandjoin(Image.Xyz(Width, Height)[0].Cast(Enums.BandFormat.Uchar));
        using Image wide = (rgb * 257).Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16);
        using Image wideGrey =
            (grey * 257).Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Grey16);
        using Image ink = FromBytes(Ink(), Width, Height, Enums.Interpretation.Cmyk);
        using Image lab = rgb.Colourspace(Enums.Interpretation.Lab);
        using Image animation = Animation(3, Width, Height);
        var all = new Dictionary<string, EncodedPicture>(StringComparer.Ordinal);
        AddJpegs(all, rgb, grey, ink);
        AddPngs(all, rgb, grey, alpha, greyAlpha, wide, wideGrey);
        AddWebPs(all, rgb, alpha, animation);
        Add(all, "gif", ImageFormat.Gif, 6, rgb.GifsaveBuffer());
        Add(all, "gif interlaced", ImageFormat.Gif, 6, rgb.GifsaveBuffer(interlace: true));
        Add(all, "gif animated", ImageFormat.Gif, 6, animation.GifsaveBuffer());
        AddTiffs(all, rgb, grey, alpha, wide, ink, lab);
        Add(all, "avif", ImageFormat.Avif, 6, Avif(rgb, 80, lossless: false));
        Add(all, "avif lossless", ImageFormat.Avif, 2, Avif(rgb, 80, lossless: true));
        Add(all, "avif alpha", ImageFormat.Avif, 6, Avif(alpha, 80, lossless: false));
        return all;
    }

    private static void AddJpegs(Dictionary<string, EncodedPicture> all, Image rgb, Image grey, Image ink)
    {
        foreach (int quality in (int[])[60, 95])
        {
            Add(all, $"jpeg {quality}", ImageFormat.Jpeg, 10, rgb.JpegsaveBuffer(q: quality));
        }

        Add(all, "jpeg progressive", ImageFormat.Jpeg, 6, rgb.JpegsaveBuffer(q: 90, interlace: true));
        Add(all, "jpeg 4:4:4", ImageFormat.Jpeg, 6, Subsampled(rgb, Enums.ForeignSubsample.Off));
        Add(all, "jpeg 4:2:0", ImageFormat.Jpeg, 6, Subsampled(rgb, Enums.ForeignSubsample.On));
        Add(all, "jpeg restarts", ImageFormat.Jpeg, 6, rgb.JpegsaveBuffer(q: 90, restartInterval: 3));
        Add(all, "jpeg grey", ImageFormat.Jpeg, 6, grey.JpegsaveBuffer(q: 90));
        Add(all, "jpeg grey progressive", ImageFormat.Jpeg, 6, grey.JpegsaveBuffer(q: 90, interlace: true));
        Add(all, "jpeg cmyk", ImageFormat.Jpeg, 6, ink.JpegsaveBuffer(q: 95));
    }

    private static byte[] Subsampled(Image rgb, Enums.ForeignSubsample mode) =>
        rgb.JpegsaveBuffer(q: 90, subsampleMode: mode);

    private static void AddPngs(
        Dictionary<string, EncodedPicture> all,
        Image rgb,
        Image grey,
        Image alpha,
        Image greyAlpha,
        Image wide,
        Image wideGrey)
    {
        Add(all, "png", ImageFormat.Png, 0, rgb.PngsaveBuffer());
        Add(all, "png interlaced", ImageFormat.Png, 0, rgb.PngsaveBuffer(interlace: true));
        Add(all, "png alpha", ImageFormat.Png, 0, alpha.PngsaveBuffer());
        Add(all, "png grey", ImageFormat.Png, 2, grey.PngsaveBuffer());
        Add(all, "png grey alpha", ImageFormat.Png, 2, greyAlpha.PngsaveBuffer());
        Add(all, "png 16 bits", ImageFormat.Png, 0, wide.PngsaveBuffer(bitdepth: 16));
        Add(all, "png 16 bits grey", ImageFormat.Png, 2, wideGrey.PngsaveBuffer(bitdepth: 16));
        Add(all, "png palette", ImageFormat.Png, 6, rgb.PngsaveBuffer(palette: true));
        Add(all, "png palette of 4 bits", ImageFormat.Png, 31, rgb.PngsaveBuffer(palette: true, bitdepth: 4));
    }

    private static void AddWebPs(Dictionary<string, EncodedPicture> all, Image rgb, Image alpha, Image animation)
    {
        Add(all, "webp", ImageFormat.WebP, 6, rgb.WebpsaveBuffer(q: 85));
        Add(all, "webp alpha", ImageFormat.WebP, 6, alpha.WebpsaveBuffer(q: 85));
        Add(all, "webp lossless", ImageFormat.WebP, 0, rgb.WebpsaveBuffer(lossless: true));
        Add(all, "webp lossless alpha", ImageFormat.WebP, 0, alpha.WebpsaveBuffer(lossless: true, exact: true));
        Add(all, "webp animated", ImageFormat.WebP, 6, animation.WebpsaveBuffer(q: 85));
    }

    private static void AddTiffs(
        Dictionary<string, EncodedPicture> all, Image rgb, Image grey, Image alpha, Image wide, Image ink, Image lab)
    {
        const Enums.ForeignTiffCompression deflate = Enums.ForeignTiffCompression.Deflate;
        Add(all, "tiff", ImageFormat.Tiff, 0, rgb.TiffsaveBuffer());
        Add(all, "tiff big", ImageFormat.Tiff, 0, rgb.TiffsaveBuffer(bigtiff: true));
        Add(all, "tiff deflate", ImageFormat.Tiff, 0, rgb.TiffsaveBuffer(compression: deflate));
        Add(all, "tiff lzw", ImageFormat.Tiff, 0, rgb.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Lzw));
        Add(all, "tiff tiled", ImageFormat.Tiff, 0, rgb.TiffsaveBuffer(tile: true, tileWidth: 64, tileHeight: 64));
        Add(all, "tiff grey", ImageFormat.Tiff, 2, grey.TiffsaveBuffer());
        Add(all, "tiff alpha", ImageFormat.Tiff, 0, alpha.TiffsaveBuffer(compression: deflate));
        Add(all, "tiff 16 bits", ImageFormat.Tiff, 0, wide.TiffsaveBuffer(compression: deflate));
        Add(all, "tiff cmyk", ImageFormat.Tiff, 0, ink.TiffsaveBuffer(compression: deflate));
        Add(all, "tiff lab", ImageFormat.Tiff, 6, lab.TiffsaveBuffer());
        Add(all, "tiff big-endian", ImageFormat.Tiff, 0, CraftedFiles.BigEndianTiff(Rgb, Width, Height));
    }

    private static byte[] Avif(Image image, int quality, bool lossless) => image.HeifsaveBuffer(
        q: quality, lossless: lossless, compression: Enums.ForeignHeifCompression.Av1, effort: 1);

    private static void Add(
        Dictionary<string, EncodedPicture> all, string name, ImageFormat format, int maxDistance, byte[] file) =>
        all.Add(name, new EncodedPicture(name, format, maxDistance, file));

    private static byte[] Grey()
    {
        byte[] grey = new byte[Width * Height];
        for (int i = 0; i < grey.Length; i++)
        {
            grey[i] = (byte)Math.Round((0.299 * Rgb[3 * i]) + (0.587 * Rgb[(3 * i) + 1]) + (0.114 * Rgb[(3 * i) + 2]));
        }

        return grey;
    }

    private static byte[] Ink()
    {
        byte[] ink = new byte[4 * Width * Height];
        for (int i = 0; i < Width * Height; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                ink[(4 * i) + c] = (byte)(255 - Rgb[(3 * i) + c]);
            }
        }

        return ink;
    }
}
