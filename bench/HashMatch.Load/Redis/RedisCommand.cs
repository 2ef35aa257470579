using System.Diagnostics;
using HashMatch.Cli.Driving;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;

namespace HashMatch.Load.Redis;

/// <summary>A list's way through Redis: what it takes there, and how long each step is.</summary>
internal static class RedisCommand
{
    private const string List = "load";
    private const int QuerySeed = 7;
    private const int AddedSeed = 8;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenEdits = TimeSpan.FromMilliseconds(100);

    /// <summary>0 when all went through.</summary>
    public static async Task<int> RunAsync(RedisOptions options)
    {
        CancellationToken never = CancellationToken.None;
        await using LocalRedis redis = await LocalRedis.StartAsync(options.Sync, never);
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, never);
        var catalog = new ListCatalog(store, TimeProvider.System);
        await LoadAsync(catalog, redis, options);

        long start = Stopwatch.GetTimestamp();
        await using (StartedServer server = await StartedServer.StartAsync(
            new ServerOrder { Store = redis.Address }, never))
        {
            Say("server process, start to ready", Stopwatch.GetElapsedTime(start));
        }

        List<FollowingReplica> replicas = [];
        try
        {
            for (int i = 0; i < options.Replicas; i++)
            {
                long sent = await redis.SentBytesAsync(never);
                TimeSpan processors = Environment.CpuUsage.TotalTime;
                start = Stopwatch.GetTimestamp();
                replicas.Add(await FollowingReplica.StartAsync(redis.Address, never));
                Say("replica in this process, load and index", Stopwatch.GetElapsedTime(start));
                Say("the same, processor time", Environment.CpuUsage.TotalTime - processors);
                Say("sent by Redis for it, bytes an entry",
                    (await redis.SentBytesAsync(never) - sent) / (double)options.Entries);
            }

            await EditAsync(catalog, redis, replicas, options);
        }
        finally
        {
            foreach (FollowingReplica replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }

        return 0;
    }

    private static async Task LoadAsync(ListCatalog catalog, LocalRedis redis, RedisOptions options)
    {
        CancellationToken never = CancellationToken.None;
        Check(await catalog.CreateAsync(List, "", new MatchPolicy(), never));
        long before = await redis.UsedBytesAsync(never);
        long start = Stopwatch.GetTimestamp();
        StageResult staged = Check(await catalog.StageAsync(
            List, LinesAsync(options), new StageOptions { Source = "load" }, null, never));
        Say("stage", Stopwatch.GetElapsedTime(start));
        start = Stopwatch.GetTimestamp();
        Check(await catalog.ActivateAsync(List, staged.Version!.Number, null, never));
        Say("activate", Stopwatch.GetElapsedTime(start));
        double bytes = (await redis.UsedBytesAsync(never) - before) / (double)options.Entries;
        Say("Redis, bytes an entry", bytes);
    }

    private static async Task EditAsync(
        ListCatalog catalog, LocalRedis redis, List<FollowingReplica> replicas, RedisOptions options)
    {
        using var quiet = new CancellationTokenSource(Quiet);
        Latencies alone = await Task.Run(() => replicas[0].Find(QuerySeed, quiet.Token));
        Say("look-ups before", alone);
        using var stop = new CancellationTokenSource();
        Task<Latencies> beside = Task.Run(() => replicas[0].Find(QuerySeed, stop.Token));
        var hashes = new BalancedHashes(AddedSeed + options.Seed);
        var acknowledged = new Latencies();
        var everywhere = new Latencies();
        long sent = await redis.SentBytesAsync(CancellationToken.None);
        for (int i = 0; i < options.Edits; i++)
        {
            PdqHash hash = hashes[i];
            long start = Stopwatch.GetTimestamp();
            Check(await catalog.AddEntriesAsync(List, [Entry(hash, i, options)], CancellationToken.None));
            acknowledged.Record(Stopwatch.GetElapsedTime(start));
            while (!replicas.TrueForAll(replica => replica.Has(hash)))
            {
                await Task.Delay(1);
            }

            everywhere.Record(Stopwatch.GetElapsedTime(start));
            await Task.Delay(BetweenEdits);
        }

        sent = await redis.SentBytesAsync(CancellationToken.None) - sent;
        await stop.CancelAsync();
        Say("look-ups while entries are added", await beside);
        Say("an entry added, to acknowledged", acknowledged);
        Say("an entry added, to matched on every replica", everywhere);
        Say("an entry added, KiB sent by Redis, all clients", sent / 1024.0 / options.Edits);
    }

    private static async IAsyncEnumerable<ListLine> LinesAsync(RedisOptions options)
    {
        var hashes = new BalancedHashes(options.Seed);
        for (int number = 0; number < options.Entries; number++)
        {
            yield return new ListLine(number + 1, Entry(hashes[number], number, options), null);
        }

        await Task.CompletedTask;
    }

    // An external id of 21 characters, as exchanges have them.
    private static HashEntry Entry(PdqHash hash, int number, RedisOptions options) => new()
    {
        Type = HashType.Pdq,
        Value = HashValue.From(hash),
        ExternalId = options.Labels ? $"{options.Seed:D5}-{number:D15}" : "",
        Classification = options.Labels ? "A1" : "",
        Severity = options.Labels ? "high" : "",
    };

    private static T Check<T>(CatalogResult<T> result)
        where T : class => result.Value ?? throw new InvalidOperationException(result.Message);

    private static void Say(string what, double number) => Console.WriteLine($"{what,-44}{number,10:F1}");

    private static void Say(string what, TimeSpan taken) =>
        Console.WriteLine($"{what,-44}{taken.TotalSeconds,10:F2} s");

    private static void Say(string what, Latencies taken) => Console.WriteLine(
        $"{what,-44}{taken.At(50).TotalMilliseconds,10:F3} ms p50, "
        + $"{taken.At(99).TotalMilliseconds:F3} p99, {taken.At(100).TotalMilliseconds:F3} most, "
        + $"{taken.Count} times");
}
