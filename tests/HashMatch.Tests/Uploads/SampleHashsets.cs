using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HashMatch.Imaging;
using HashMatch.Pdq;
using HashMatch.Tests.Imaging;
using NetVips;

namespace HashMatch.Tests.Uploads;

/// <summary>What the folder hashsets/ is made of. Pictures are drawn; hashes of nothing come from a seed.</summary>
internal static class SampleHashsets
{
    public const int Width = 560;
    public const int Height = 420;

    // A wide picture on a tall screen.
    private const int Bar = 180;

    private const uint ListedSeed = 2;
    private const uint ExactSeed = 16;
    private const uint OtherSeed = 5;
    private const int UnknownEntries = 30;

    private static readonly string[] Classes = ["A1", "A2", "B1", "B2"];

    public static string Folder { get; } = Path.Combine(Repository.Root, "hashsets");

    /// <summary>The pictures' names.</summary>
    public static IReadOnlyList<string> Pictures { get; } =
    [
        "exact.png", "near-bordered.jpg", "near-listed.jpg", "near-resized.jpg", "near-turned-by-exif.jpg",
        "no-match.jpg", "rotated.jpg", "unhashable-flat.png",
    ];

    public static string PathOf(string picture) => Path.Combine(Folder, "pictures", picture);

    /// <summary>The picture that is drawn for a file, as pixels.</summary>
    public static byte[] Draw(string picture) => picture switch
    {
        "exact.png" => SamplePictures.Scene(ExactSeed, Width, Height),
        "no-match.jpg" => SamplePictures.Scene(OtherSeed, Width, Height, grain: 2),
        "unhashable-flat.png" => SamplePictures.Flat(Width, Height, 96, 128, 160),
        _ => SamplePictures.Scene(ListedSeed, Width, Height, grain: 2),
    };

    /// <summary>Writes all pictures.</summary>
    public static void WritePictures()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "pictures"));
        foreach (string picture in Pictures)
        {
            using Image drawn = Encodings.FromRgb(Draw(picture), Width, Height);
            using Image smaller = drawn.Resize(0.6);
            using Image quarter = drawn.Rot90();
            using Image turned = quarter.Mutate(m => m.Set(GValue.GIntType, "orientation", 8));
            using Image bordered = drawn.Embed(
                0, Bar, Width, Height + (2 * Bar), extend: Enums.Extend.Background, background: [16, 16, 16]);
            File.WriteAllBytes(PathOf(picture), picture switch
            {
                "near-bordered.jpg" => bordered.JpegsaveBuffer(q: 80),
                "near-resized.jpg" => smaller.JpegsaveBuffer(q: 40),
                "near-turned-by-exif.jpg" => turned.JpegsaveBuffer(q: 80),
                "rotated.jpg" => quarter.JpegsaveBuffer(q: 80),
                _ when picture.EndsWith(".png", StringComparison.Ordinal) => drawn.PngsaveBuffer(compression: 9),
                _ => drawn.JpegsaveBuffer(q: 80),
            });
        }
    }

    /// <summary>The Reference hash of a file's pixels as stored.</summary>
    public static PdqResult Hash(string picture)
    {
        var decoder = Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) });
        DihedralHashes hashes = decoder
            .Hash(File.ReadAllBytes(PathOf(picture)), Hashing.Reference, CancellationToken.None)
            .Renditions[0].AsStored;
        return new PdqResult(hashes[Orientation.Original], hashes.Quality);
    }

    /// <summary>sample.csv.</summary>
    public static string Csv()
    {
        byte[] exact = File.ReadAllBytes(PathOf("exact.png"));
        var csv = new StringBuilder("type,value,external_id,classification,severity,expires_at,note\n");
        csv.Append(Invariant(
            $"pdq,{Hash("near-listed.jpg").Hash},sample-near-1,A1,high,,pictures/near-listed.jpg\n"));
        csv.Append(Invariant(
            $"sha256,{Hex(SHA256.HashData(exact))},sample-exact-1,A2,high,,\"pictures/exact.png, byte for byte\"\n"));
#pragma warning disable CA5351
        csv.Append(Invariant($"md5,{Hex(MD5.HashData(exact))},sample-exact-2,A2,high,,the same file\n"));
#pragma warning restore CA5351
        csv.Append(Expired("sample-expired-1", "2020-01-31", "expired: it matches nothing any more"));
        csv.Append(Expired("sample-expired-2", "1577836800", "expired; the time is in unix seconds"));
        for (int i = 0; i < UnknownEntries; i++)
        {
            csv.Append(Unknown(i));
        }

        return csv.ToString();
    }

    /// <summary>sample.txt.</summary>
    public static string Text()
    {
        var text = new StringBuilder("# One hash a line: 64 hex digits are PDQ, 40 SHA-1, 32 MD5.\n");
        text.Append(Invariant($"{Hash("near-listed.jpg").Hash}\n"));
        text.Append("# Hashes of nothing, from a seed.\n");
        for (int i = 100; i < 110; i++)
        {
            text.Append(Invariant($"{Hex(Seeded(i, 32))}\n"));
        }

        text.Append(Invariant($"{Hex(Seeded(110, 20))}\n{Hex(Seeded(111, 16))}\n"));
        return text.ToString();
    }

    private static string Expired(string id, string time, string note) =>
        Invariant($"pdq,{Hex(Seeded(id[^1], 32))},{id},B2,low,{time},{note}\n");

    private static string Unknown(int index)
    {
        (string type, int bytes) = index switch { < 22 => ("pdq", 32), < 26 => ("sha1", 20), _ => ("md5", 16) };
        string note = index switch
        {
            0 => "\"a hash of nothing, from a seed; quotes are doubled: \"\"so\"\"\"",
            1 => "пример 例 مثال", // Any script does.
            _ => "",
        };
        string expires = index % 7 == 3 ? "2099-12-31T23:59:59Z" : "";
        string severity = index % 2 == 0 ? "medium" : "low";
        string labels = Invariant($"sample-unknown-{index + 1},{Classes[index % 4]},{severity}");
        return Invariant($"{type},{Hex(Seeded(index, bytes))},{labels},{expires},{note}\n");
    }

    // A digest of a number has about half of its bits set, as a hash of a picture has.
    private static byte[] Seeded(int number, int bytes) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(Invariant($"hashmatch sample {number}")))[..bytes];

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
