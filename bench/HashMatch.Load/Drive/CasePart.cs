using System.Globalization;
using HashMatch.Imaging;
using HashMatch.Load.Overload;

namespace HashMatch.Load.Drive;

/// <summary>One kind of call of a case: pictures of a size and format, or batches of hashes.</summary>
/// <param name="Weight">Its share of the calls, against the other parts' weights.</param>
/// <param name="Format">Of the pictures; null for hashes.</param>
/// <param name="Width">Pixels, likewise.</param>
/// <param name="Height">Pixels, likewise.</param>
/// <param name="Hashes">Of a call; 0 for pictures.</param>
internal sealed record CasePart(double Weight, ImageFormat? Format, int Width, int Height, int Hashes)
{
    private const int DefaultHashes = 1000;
    private const int MaxHashes = 10_000;

    /// <summary>As it is written, without the weight.</summary>
    public string Name => Format is { } format
        ? string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}:{format.ToString().ToLowerInvariant()}")
        : string.Create(CultureInfo.InvariantCulture, $"hashes:{Hashes}");

    /// <summary>Reads WxH[:FORMAT][=WEIGHT] or hashes[:N][=WEIGHT].</summary>
    /// <exception cref="FormatException">It is none; the message says what was expected.</exception>
    public static CasePart Parse(string text)
    {
        string[] sides = text.Split('=');
        double weight = 1;
        if (sides.Length > 2 || (sides.Length == 2 && !(double.TryParse(
            sides[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight) && weight > 0)))
        {
            throw Bad();
        }

        string[] words = sides[0].Split(':');
        if (words.Length > 2)
        {
            throw Bad();
        }

        return words[0] == "hashes"
            ? new CasePart(weight, null, 0, 0, HashesOf(words))
            : Picture(weight, words);
    }

    private static CasePart Picture(double weight, string[] words)
    {
        (int width, int height) = OverloadOptions.SizeOf(words[0]);
        return new CasePart(weight, words.Length == 1 ? ImageFormat.Jpeg : FormatOf(words[1]), width, height, 0);
    }

    private static int HashesOf(string[] words) => words.Length == 1
        ? DefaultHashes
        : int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count is > 0 and <= MaxHashes ? count : throw Bad();

    private static ImageFormat FormatOf(string word) => word switch
    {
        "jpeg" => ImageFormat.Jpeg,
        "png" => ImageFormat.Png,
        "webp" => ImageFormat.WebP,
        "gif" => ImageFormat.Gif,
        "tiff" => ImageFormat.Tiff,
        "avif" => ImageFormat.Avif,
        _ => throw Bad(),
    };

    private static FormatException Bad() => new(
        "WIDTHxHEIGHT[:jpeg|png|webp|gif|tiff|avif][=WEIGHT] or hashes[:N][=WEIGHT], N up to 10000, by comma");
}
