namespace HashMatch.Benchmarks.Searching;

/// <summary>The command line of the index's measurements.</summary>
internal static class IndexCommand
{
    private const string Usage =
        """
        index [--sizes 1M,10M,100M] [--data balanced|clustered|skewed|uniform|equal | --hashes FILE] [--radius 31]
              [--queries N] [--rounds N] [--seed N] [--threads N] [--faiss LIB]* [--multi-up-to 10M]

        FILE holds rows of 32 bytes, or 64 hex digits first on each line. LIB is a build of bench/peers/faiss_shim.cpp;
        see bench/README.md.
        """;

    /// <summary>0 when all was measured, however it went; 1 when an answer differed from a peer's; 2 for words that
    /// are not understood.</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        SearchOptions defaults = new() { Sizes = [1_000_000, 10_000_000, 100_000_000], Queries = 8192 };
        if (SearchOptions.Parse(args, defaults) is not { } options)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        FaissLibrary[] libraries = [.. options.Faiss.Select(FaissLibrary.Load)];
        SearchTable.Head(
            $"Index: distance {options.Radius}, one thread, {options.Rounds} rounds of {options.Queries} queries, "
            + $"half of them planted at distances 0 to {options.Radius + 9}, seed {options.Seed}");
        int different = 0;
        foreach (long size in options.Sizes)
        {
            IndexRun run = new(options, options.Open(size));
            run.Run(libraries);
            different += run.Different;
            LiveRun.Run(options, options.Open(size), libraries.FirstOrDefault());
        }

        return different == 0 ? 0 : 1;
    }
}
