using System.Diagnostics;
using System.Globalization;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>The command line of the proof: the index's answers beside brute force.</summary>
internal static class ProveCommand
{
    private const string Usage =
        """
        prove [--entries 10M] [--queries 100K] [--data balanced|clustered|skewed|uniform|equal | --hashes FILE]
              [--asks 4] [--seed N] [--threads N]

        FILE holds rows of 32 bytes, or 64 hex digits first on each line. Each query is asked at so many of the
        thresholds 0 to 63; --asks 64 is all of them.
        """;

    /// <summary>0 when no answer differs, 1 when one does or there is too little memory, 2 for words that are not
    /// understood.</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        SearchOptions defaults = new() { Sizes = [10_000_000], Queries = 100_000 };
        if (SearchOptions.Parse(args, defaults) is not { Sizes.Count: 1 } options)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        IHashSource source = options.Open(options.Sizes[0]);
        long bytes = HammingTable.Estimate(source.Count).Building + (long)BitPlanes.Bytes(source.Count);
        if (HostMemory.Refusal(bytes) is { } reason)
        {
            Console.Error.WriteLine($"skipped: {reason}");
            return 1;
        }

        long start = Stopwatch.GetTimestamp();
        using BitPlanes planes = new(source);
        IndexProof proof;
        using (HammingTable table = HammingTable.Build(SourceRows.Read(source), CancellationToken.None))
        {
            proof = new IndexProof(options, source, table, planes);
            proof.Run();
        }

        Print(options, source, proof, Stopwatch.GetElapsedTime(start));
        bool isProven = proof.Different == 0 && proof.Missed == 0 && proof.SampleDifferences == 0;
        return ProveLists(options, source, planes) && isProven ? 0 : 1;
    }

    private static bool ProveLists(SearchOptions options, IHashSource source, BitPlanes planes)
    {
        string? reason = SourceSegments.Fits(source.Count)
            ? HostMemory.Refusal(
                SourceSegments.Estimate(source.Count) + HammingTable.Estimate(source.Count).Building)
            : "too many for the lists that are made here";
        if (reason is not null)
        {
            Console.WriteLine($"as lists                   skipped: {reason}");
            return true;
        }

        ListProof proof = new(options, source, planes);
        proof.Run();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"as lists                   {proof.Queries:n0} queries of 64 lists, differences {proof.Different:n0}"));
        return proof.Different == 0;
    }

    private static void Print(SearchOptions options, IHashSource source, IndexProof proof, TimeSpan elapsed) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            entries                    {source.Count:n0} {source.Name}, seed {options.Seed}
            queries                    {options.Queries:n0}, seven of eight planted at distances 0 to 40
            thresholds                 0 to {BitPlanes.MaxDistance}, {options.Asks} of them for each query
            rows within 63             {proof.Found:n0} by brute force
            answers compared           {proof.Compared:n0}, at each threshold at least {proof.FewestAtThreshold:n0}
            differences                {proof.Different:n0}
            brute force did not find   {proof.Missed:n0} entries that queries were planted at
            brute force differs        {proof.SampleDifferences} of {IndexProof.Sample} times from the plainest loop
            time                       {elapsed.TotalSeconds:f0} s on {options.Threads} threads, of which together
                           brute force {Seconds(proof.BruteForceTime)}, the table {Seconds(proof.TableTime)}
            """));

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:f0} s");
}
