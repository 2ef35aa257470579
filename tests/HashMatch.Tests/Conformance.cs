using Xunit;

namespace HashMatch.Tests;

/// <summary>The shared conformance data: sample images and what the C++ reference says of them.</summary>
internal static class Conformance
{
    private static readonly string? Folder = Find();

    /// <summary>The data are on this machine.</summary>
    public static bool IsThere => Folder is not null;

    /// <summary>A file or folder of the data by its path under it; skips the test where the data are absent.</summary>
    public static string PathOf(string relative)
    {
        if (Folder is null)
        {
            Assert.Skip("The folder shared/conformance is in none of the folders above, nor beside one.");
        }

        return Path.Combine(Folder, relative);
    }

    /// <summary>The fields of a table's rows, without its header.</summary>
    public static IEnumerable<string[]> Rows(string table) =>
        File.ReadLines(PathOf(table)).Skip(1).Select(line => line.Split(','));

    /// <summary>The bytes of a sample image by its name in the tables.</summary>
    public static byte[] Image(string name) => File.ReadAllBytes(PathOf(Path.Combine("images", name)));

    private static string? Find()
    {
        for (DirectoryInfo? parent = new(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            foreach (string place in new[] { "shared/conformance", "../shared/conformance" })
            {
                string folder = Path.GetFullPath(Path.Combine(parent.FullName, place));
                if (File.Exists(Path.Combine(folder, "pdq-images.csv")))
                {
                    return folder;
                }
            }
        }

        return null;
    }
}
