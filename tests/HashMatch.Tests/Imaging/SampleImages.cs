using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>The sample images with the reference's figures, where they are on this machine.</summary>
internal static class SampleImages
{
    private static readonly string? Folder = Find();

    /// <summary>Rows of pdq-images.csv.</summary>
    public static IReadOnlyList<SampleImage> All { get; } = Folder is null
        ? []
        : [.. File.ReadLines(Path.Combine(Folder, "pdq-images.csv")).Skip(1).Select(Parse)];

    /// <summary>Skips the test that asks where there are no sample images.</summary>
    public static void Require() => Assert.SkipWhen(Folder is null, "There is no shared/conformance beside this clone.");

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder!, "images", file));

    /// <summary>The hashes of pdq-dihedral.csv, by file, in the order of <see cref="Orientation"/>.</summary>
    public static Dictionary<string, PdqHash[]> Dihedral()
    {
        string[] variants = ["orig", "r090", "r180", "r270", "flpx", "flpy", "flpp", "flpm"];
        var hashes = new Dictionary<string, PdqHash[]>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(Path.Combine(Folder!, "pdq-dihedral.csv")).Skip(1))
        {
            string[] cells = line.Split(',');
            if (!hashes.TryGetValue(cells[0], out PdqHash[]? eight))
            {
                hashes[cells[0]] = eight = new PdqHash[variants.Length];
            }

            eight[Array.IndexOf(variants, cells[1])] = Hash(cells[3]);
        }

        return hashes;
    }

    private static SampleImage Parse(string line)
    {
        string[] cells = line.Split(',');
        return new SampleImage(
            cells[0],
            int.Parse(cells[1], null),
            int.Parse(cells[2], null),
            cells[3],
            int.Parse(cells[4], null),
            Hash(cells[5]));
    }

    private static PdqHash Hash(string text) =>
        PdqHash.TryParse(text, out PdqHash hash) ? hash : throw new FormatException(text);

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (string candidate in (string[])["../shared/conformance", "shared/conformance"])
            {
                string path = Path.GetFullPath(Path.Combine(folder.FullName, candidate));
                if (File.Exists(Path.Combine(path, "pdq-images.csv")))
                {
                    return path;
                }
            }
        }

        return null;
    }
}
