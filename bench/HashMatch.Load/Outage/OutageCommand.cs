using System.Globalization;
using HashMatch.Cli.Driving;
using HashMatch.Load.Drive;
using HashMatch.Load.Overload;
using HashMatch.Load.Redis;
using HashMatch.Load.Words;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Load.Outage;

/// <summary>What verdicts' latency is while Redis is silent, to what it is while it answers, in one run.</summary>
internal sealed class OutageCommand(OutageOptions options, LocalRedis redis, RawCaller caller, QueryPool pool)
{
    private const string List = "load";
    private const int Batch = 10;
    private const double Near = 0.05;
    private const int Side = 512;
    private const double Goal = 1.05;

    private readonly PreparedCall _upload = PreparedCall.Match(LoadPicture.Draw(Side, Side), isListed: false);
    private readonly PreparedCall[] _batches =
        [.. Enumerable.Range(0, 1000).Select(i => PreparedCall.MatchHashes(pool, i * Batch, Batch))];

    private int _next;
    private int _seed = options.Seed;
    private long _bad;

    /// <summary>0 when all was answered, rightly; the goal is judged by who reads the interval.</summary>
    public static async Task<int> RunAsync(OutageOptions options, CancellationToken cancellation)
    {
        await using LocalRedis redis = await LocalRedis.StartAsync("everysec", cancellation);
        await using (IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, cancellation))
        {
            var catalog = new ListCatalog(store, TimeProvider.System);
            Check(await catalog.CreateAsync(List, "", new MatchPolicy(), cancellation));
            StageResult staged = Check(await catalog.StageAsync(
                List, new BalancedHashes(options.Seed).LinesAsync(options.Entries, []),
                new StageOptions { Source = "load" }, null, cancellation));
            Check(await catalog.ActivateAsync(List, staged.Version!.Number, null, cancellation));
        }

        await using StartedServer server = await StartedServer.StartAsync(
            new ServerOrder { Store = redis.Address }, cancellation);
        using var caller = new RawCaller(server.Address, connections: 2);
        var pool = new QueryPool(options.Entries, Near, options.Seed);
        return await new OutageCommand(options, redis, caller, pool).MeasureAsync(cancellation);
    }

    private static T Check<T>(CatalogResult<T> result)
        where T : class => result.Value ?? throw new InvalidOperationException(result.Message);

    private static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);

    private async Task<int> MeasureAsync(CancellationToken cancellation)
    {
        await WindowAsync(options.WarmUp, cancellation);
        Windows with = new();
        Windows without = new();
        for (int round = 0; round < options.Rounds; round++)
        {
            // What drifts is in both alike: the one that comes first is the other one each time.
            foreach (bool isSilent in round % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                if (!isSilent)
                {
                    with.Add(await WindowAsync(options.Window, cancellation));
                    continue;
                }

                redis.Pause();
                try
                {
                    without.Add(await WindowAsync(options.Window, cancellation));
                }
                finally
                {
                    redis.Resume();
                }

                await Task.Delay(options.Settle, cancellation);
            }

            await Console.Error.WriteLineAsync($"{round + 1} of {options.Rounds} pairs of windows");
        }

        if (caller.Problem is { } problem)
        {
            Console.WriteLine($"the first call that failed: {problem}");
        }

        Write("hashes, p99", with.Hashes, without.Hashes, 99);
        Write("hashes, p50", with.Hashes, without.Hashes, 50);
        Write("uploads, p99", with.Uploads, without.Uploads, 99);
        Write("uploads, p50", with.Uploads, without.Uploads, 50);
        Console.WriteLine($"refused: {with.Refused} calls with Redis, {without.Refused} without");
        Console.WriteLine($"{_bad} calls failed or were wrong");
        return _bad + with.Refused + without.Refused == 0 ? LoadTool.Right : LoadTool.Wrong;
    }

    // Both kinds of calls at once, as they come to a service.
    private async Task<(PhaseRecord Hashes, PhaseRecord Uploads)> WindowAsync(
        TimeSpan time, CancellationToken cancellation)
    {
        Task<PhaseRecord> hashes = Loops.OpenAsync(
            () => caller.CallAsync(
                _batches[(int)((uint)Interlocked.Increment(ref _next) % _batches.Length)], cancellation),
            options.HashRate, time, _seed++, cancellation);
        Task<PhaseRecord> uploads = Loops.OpenAsync(
            () => caller.CallAsync(_upload, cancellation), options.UploadRate, time, _seed++, cancellation);
        PhaseRecord[] both = await Task.WhenAll(hashes, uploads);
        _bad += both.Sum(each => each.Failed + each.Wrong);
        return (both[0], both[1]);
    }

    private static void Write(string what, List<PhaseRecord> with, List<PhaseRecord> without, double percent)
    {
        RatioInterval? ratio = RatioInterval.Of(
            [.. with.Select(each => each.AnsweredAt(percent).TotalMilliseconds)],
            [.. without.Select(each => each.AnsweredAt(percent).TotalMilliseconds)]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-14}{Ms(Whole(with).At(percent)),8} ms with Redis, {Ms(Whole(without).At(percent)),8} ms without; ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"ratio {ratio?.Middle:0.000} ({ratio?.Low:0.000} to {ratio?.High:0.000}, {ratio?.Pairs} pairs; ")
            + string.Create(CultureInfo.InvariantCulture, $"goal {Goal:0.00})"));
    }

    // Of all windows together.
    private static Latencies Whole(List<PhaseRecord> windows)
    {
        var all = new Latencies();
        windows.ForEach(each => all.Add(each.Latencies));
        return all;
    }

    private sealed class Windows
    {
        public List<PhaseRecord> Hashes { get; } = [];

        public List<PhaseRecord> Uploads { get; } = [];

        public long Refused => Hashes.Concat(Uploads).Sum(each => each.Shed + each.Calmed);

        public void Add((PhaseRecord Hashes, PhaseRecord Uploads) window)
        {
            Hashes.Add(window.Hashes);
            Uploads.Add(window.Uploads);
        }
    }
}
