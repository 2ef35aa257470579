using HashMatch.Pdq;

namespace HashMatch.Tests.Imaging;

/// <summary>The sample images with the reference's figures, where they are on this machine.</summary>
internal static class SampleImages
{
    /// <summary>Rows of pdq-images.csv; skips the test that asks where there are none.</summary>
    public static IReadOnlyList<SampleImage> All() => [.. Conformance.Rows("pdq-images.csv").Select(Parse)];

    /// <summary>The hashes of pdq-dihedral.csv, by file, in the order of <see cref="Orientation"/>.</summary>
    public static Dictionary<string, PdqHash[]> Dihedral()
    {
        string[] variants = ["orig", "r090", "r180", "r270", "flpx", "flpy", "flpp", "flpm"];
        var hashes = new Dictionary<string, PdqHash[]>(StringComparer.Ordinal);
        foreach (string[] cells in Conformance.Rows("pdq-dihedral.csv"))
        {
            if (!hashes.TryGetValue(cells[0], out PdqHash[]? eight))
            {
                hashes[cells[0]] = eight = new PdqHash[variants.Length];
            }

            eight[Array.IndexOf(variants, cells[1])] = Hash(cells[3]);
        }

        return hashes;
    }

    private static SampleImage Parse(string[] cells) => new(
        cells[0],
        int.Parse(cells[1], null),
        int.Parse(cells[2], null),
        cells[3],
        int.Parse(cells[4], null),
        Hash(cells[5]));

    private static PdqHash Hash(string text) =>
        PdqHash.TryParse(text, out PdqHash hash) ? hash : throw new FormatException(text);
}
