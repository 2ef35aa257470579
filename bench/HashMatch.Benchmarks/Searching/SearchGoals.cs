namespace HashMatch.Benchmarks.Searching;

/// <summary>What is aimed at for a number of balanced entries at distance 31, as the table prints it.</summary>
/// <param name="Median">Of a query.</param>
/// <param name="Slowest">99th percentile of queries.</param>
/// <param name="Ratio">To a native build of FAISS's IndexBinaryFlat.</param>
/// <param name="Bytes">Of a hash.</param>
/// <param name="Build">Of one thread.</param>
internal readonly record struct SearchGoals(string Median, string Slowest, string Ratio, string Bytes, string Build)
{
    private static readonly SearchGoals None = new("", "", "", "", "");

    public static SearchGoals Of(DataKind data, long entries, bool isFile, int radius) => (data, entries) switch
    {
        _ when isFile || radius != 31 => None,
        (DataKind.Balanced, 1_000_000) => new("<= 3 us", "<= 5 us", ">= 350x", "<= 240", "<= 0.5 s"),
        (DataKind.Balanced, 10_000_000) => new("<= 10 us", "<= 15 us", ">= 1000x", "<= 130", "<= 5 s"),
        (DataKind.Balanced, 100_000_000) => new("<= 80 us", "<= 140 us", ">= 1400x", "<= 112", "<= 60 s"),
        _ => None,
    };
}
