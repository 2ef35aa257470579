namespace HashMatch.Gate.Comparing;

/// <summary>A build that is measured.</summary>
/// <param name="Program">Its HashMatch.Gate.dll.</param>
/// <param name="Pictures">Folder of the pictures, the same for all.</param>
/// <param name="Lists">Folder of this side's stores.</param>
internal sealed record Side(string Program, string Pictures, string Lists)
{
    /// <summary>Tiers as in the service, but each method reaches the last one at once and without a profile, which
    /// would make two processes of one build differ.</summary>
    public static IReadOnlyDictionary<string, string> Timed { get; } = new Dictionary<string, string>
    {
        ["DOTNET_TieredCompilation"] = "1",
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_TC_CallCountingDelayMs"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_gcServer"] = "0",
    };

    /// <summary>One compilation of each method, the same each time: which objects escape to the heap, and which
    /// instructions run, does not depend on what ran before.</summary>
    public static IReadOnlyDictionary<string, string> Counted { get; } = new Dictionary<string, string>
    {
        ["DOTNET_TieredCompilation"] = "0",
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_gcServer"] = "0",
        // valgrind has no room for what the collector reserves by default.
        ["DOTNET_GCHeapHardLimit"] = "0x40000000",
    };
}
