namespace HashMatch.Tests;

/// <summary>Where the sources are that this build came from.</summary>
internal static class Repository
{
    /// <summary>The folder of HashMatch.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HashMatch.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("HashMatch.sln is in no folder above the tests.");
    }
}
