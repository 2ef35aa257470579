using System.Globalization;

namespace HashMatch.Benchmarks.Searching;

/// <summary>What the commands over data sets are told.</summary>
internal sealed record SearchOptions
{
    /// <summary>Entries, one run each.</summary>
    public IReadOnlyList<long> Sizes { get; init; } = [];

    public DataKind Data { get; init; }

    /// <summary>A file of hashes; null for synthetic ones.</summary>
    public string? Hashes { get; init; }

    /// <summary>Of the data; the queries' follows from it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Inclusive.</summary>
    public int Radius { get; init; } = 31;

    public int Queries { get; init; }

    public int Rounds { get; init; } = 15;

    /// <summary>Thresholds that each query is proven at; 64 is all.</summary>
    public int Asks { get; init; } = 4;

    /// <summary>Threads of what runs on more than one.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest set that IndexBinaryMultiHash is built for.</summary>
    public long MultiSize { get; init; } = 10_000_000;

    /// <summary>Builds of the shim.</summary>
    public IReadOnlyList<string> Faiss { get; init; } = [];

    /// <summary>Reads pairs of names and values.</summary>
    /// <param name="args">Behind the command's name.</param>
    /// <param name="defaults">What is not told.</param>
    /// <returns>Null when something is not understood.</returns>
    public static SearchOptions? Parse(ReadOnlySpan<string> args, SearchOptions defaults)
    {
        SearchOptions? options = args.Length % 2 == 0 ? defaults : null;
        for (int i = 0; options is not null && i < args.Length; i += 2)
        {
            options = options.With(args[i], args[i + 1]);
        }

        return options;
    }

    /// <summary>The data set of a size; a file is as large as it is.</summary>
    public IHashSource Open(long size) =>
        Hashes is null ? new GeneratedHashes(Data, size, Seed) : FileHashes.Read(Hashes);

    /// <summary>A size as it is told: 10M.</summary>
    public static string Short(long size) => size switch
    {
        >= 1_000_000 when size % 1_000_000 == 0 => $"{size / 1_000_000}M",
        >= 1000 when size % 1000 == 0 => $"{size / 1000}K",
        _ => size.ToString(CultureInfo.InvariantCulture),
    };

    private static long Size(string text)
    {
        long unit = char.ToUpperInvariant(text.LastOrDefault()) switch { 'M' => 1_000_000, 'K' => 1000, _ => 1 };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(0, text.Length - 1);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= int.MaxValue / unit ? number * unit : -1;
    }

    private static bool IsNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number >= least && number <= most;

    private SearchOptions? With(string name, string value)
    {
        switch (name)
        {
            case "--sizes" or "--entries":
                long[] sizes = [.. value.Split(',').Select(Size)];
                return sizes.All(size => size > 0) ? this with { Sizes = sizes } : null;
            case "--data" when Enum.TryParse(value, ignoreCase: true, out DataKind kind) && Enum.IsDefined(kind):
                return this with { Data = kind };
            case "--hashes":
                return this with { Hashes = value, Sizes = [-1] };
            case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out ulong seed):
                return this with { Seed = seed };
            case "--radius" when IsNumber(value, 0, 255, out int radius):
                return this with { Radius = radius };
            case "--queries" when Size(value) is > 0 and long queries:
                return this with { Queries = (int)queries };
            case "--rounds" when IsNumber(value, 1, 10_000, out int rounds):
                return this with { Rounds = rounds };
            case "--asks" when IsNumber(value, 1, 64, out int asks):
                return this with { Asks = asks };
            case "--threads" when IsNumber(value, 1, 64, out int threads):
                return this with { Threads = threads };
            case "--multi-up-to" when Size(value) is >= 0 and long largest:
                return this with { MultiSize = largest };
            case "--faiss":
                return this with { Faiss = [.. Faiss, value] };
            default:
                return null;
        }
    }
}
