using System.Globalization;
using HashMatch.Imaging;
using HashMatch.Tests.Imaging;

namespace HashMatch.Load.Broken;

/// <summary>Broken images without end: the bombs first, then mutations of good files of every format.</summary>
internal static class BrokenImages
{
    /// <summary>So many, the same for the same seed and samples.</summary>
    /// <param name="seed">Chooses the mutations.</param>
    /// <param name="count">Files.</param>
    /// <param name="samples">Good files to break beside the generated ones.</param>
    public static IEnumerable<BrokenImage> Make(int seed, int count, IEnumerable<BrokenImage> samples) =>
        Bombs.All().Concat(Mutate(seed, samples)).Take(count);

    /// <summary>Broken copies of good files of every format, without end.</summary>
    public static IEnumerable<BrokenImage> Mutate(int seed, IEnumerable<BrokenImage> samples) => Mutate(
        [.. Encodings.All.Values.Select(picture => new BrokenImage(picture.Name, picture.File)), .. samples], seed);

    /// <summary>The files of a folder and of those below it.</summary>
    public static IEnumerable<BrokenImage> Read(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(path => new BrokenImage(Path.GetRelativePath(folder, path), File.ReadAllBytes(path)));

    /// <summary>Broken copies of a folder's files, without end; such as have bytes to break.</summary>
    public static IEnumerable<BrokenImage> Mutate(string folder, int seed) =>
        Mutate([.. Read(folder).Where(image => image.Bytes.Length is > 32 and < 8_000_000)], seed);

    private static IEnumerable<BrokenImage> Mutate(BrokenImage[] good, int seed)
    {
        ILookup<ImageFormat, BrokenImage> kinds = good.ToLookup(image => FormatOf(image.Bytes));
        for (int number = 0; ; number++)
        {
            BrokenImage image = good[number % good.Length];
            var random = new Random(unchecked(seed + number));
            BrokenImage[] alike = [.. kinds[FormatOf(image.Bytes)]];
            yield return new BrokenImage(
                string.Create(CultureInfo.InvariantCulture, $"{image.Name}, seed {seed}, number {number}"),
                Mutations.Break(image.Bytes, alike[random.Next(alike.Length)].Bytes, random));
        }
    }

    private static ImageFormat FormatOf(byte[] file) => file switch
    {
        [0xFF, 0xD8, ..] => ImageFormat.Jpeg,
        [0x89, ..] => ImageFormat.Png,
        [(byte)'G', ..] => ImageFormat.Gif,
        [(byte)'R', ..] => ImageFormat.WebP,
        [(byte)'I', ..] or [(byte)'M', ..] => ImageFormat.Tiff,
        _ => ImageFormat.Avif,
    };
}
