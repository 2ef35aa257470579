using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Processes;

/// <summary>
/// SIGKILL to a server while versions are staged and activated through it: what was acknowledged is there, an answer is
/// always that of one whole version, and nothing is left over.
/// </summary>
public sealed class ServerKillTests(ITestOutputHelper output)
{
    private const string List = "list";
    private const int PerVersion = 400;
    private static readonly int Rounds = LongRuns.Times(6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_at_random_over_sqlite()
    {
        using var folder = new TemporaryFolder();
        await KillAsync($"sqlite:{folder["data"]}", "SQLite");
        string[] left = [.. Directory.GetFiles(folder["data"], "*", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path)!).Where(name => name.Contains("tmp", StringComparison.Ordinal))];
        Assert.Empty(left);
    }

    [Fact]
    public async Task Kills_at_random_over_redis()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await KillAsync(redis.Address, "Redis");
    }

    private static string Hash(ulong version, int number) => Entries.RandomPdq((int)(version * 10_000) + number);

    private async Task KillAsync(string store, string name)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var told = new Told();
        (int answers, int edits) = (0, 0);
        for (int round = 0; round <= Rounds; round++)
        {
            await using TestedServer server = await StartAsync(store, round == 0);
            await CheckAsync(server, told);
            if (round == Rounds)
            {
                break;
            }

            using var stop = new CancellationTokenSource();
            Task curating = CurateAsync(server, told, stop.Token);
            Task<int> matching = MatchAsync(server, told, stop.Token);
            // Some of the kills wait for a step: the first acknowledgement of this life. Others do not.
            int before = told.Count;
            if (round % 2 == 0)
            {
                await Eventually.TrueAsync(() => told.Count > before, "a change is acknowledged", Cancellation);
            }

            await Task.Delay(random.Next(round % 2 == 0 ? 60 : 1500), Cancellation);
            server.Program.Kill();
            await stop.CancelAsync();
            await curating;
            answers += await matching;
            edits = told.Count;
        }

        FaultRow.Seen(
            $"SIGKILL x{Rounds} of the server while lists change, {name}",
            "one whole version in every answer, acknowledged changes are there",
            $"{edits} changes acknowledged, {answers} answers checked, active {told.Active}, wrong 0");
        Assert.True(edits > 0 && answers > 0, $"{edits} changes, {answers} answers");
    }

    private static async Task<TestedServer> StartAsync(string store, bool isFirst)
    {
        if (isFirst)
        {
            await using RunningServer first = await EmptyServer.StartAsync(store, Cancellation);
            await first.Lists.CreateListAsync(
                new V1.CreateListRequest { Name = List }, cancellationToken: Cancellation);
            await first.LoadAsync(
                List, Enumerable.Range(0, PerVersion).Select(i => Entries.Pdq(Hash(1, i), "1")), Cancellation);
        }

        return await TestedServer.OpenAsync(store, Cancellation);
    }

    // Version n holds the hashes of n alone, under external ids that say n.
    private static async Task CurateAsync(TestedServer server, Told told, CancellationToken stop)
    {
        try
        {
            for (ulong next = told.NextVersion; !stop.IsCancellationRequested; next = told.NextVersion)
            {
                using (var stage = server.Lists.StageVersion(cancellationToken: stop))
                {
                    await stage.RequestStream.WriteAsync(new V1.StageVersionRequest
                    {
                        Header = new V1.StageVersionRequest.Types.Header { List = List },
                    }, stop);
                    foreach (int[] batch in Enumerable.Range(0, PerVersion).Chunk(50))
                    {
                        await stage.RequestStream.WriteAsync(new V1.StageVersionRequest
                        {
                            Batch = new V1.StageVersionRequest.Types.Batch
                            {
                                Entries = { batch.Select(i => Entries.Pdq(Hash(next, i), $"{next}")) },
                            },
                        }, stop);
                    }

                    await stage.RequestStream.CompleteAsync();
                    ulong number = (await stage).Version.Version;
                    told.Staged(number, next);
                    told.Trying(number);
                    await server.Lists.ActivateVersionAsync(
                        new V1.ActivateVersionRequest { Name = List, Version = number }, cancellationToken: stop);
                    told.Acknowledged(number);
                }
            }
        }
        catch (Exception e) when (
            e is RpcException or InvalidOperationException or OperationCanceledException or IOException)
        {
            // The server is gone.
        }
    }

    // Every answer names one version, and finds what that version holds: all of it, and nothing of others.
    private static async Task<int> MatchAsync(TestedServer server, Told told, CancellationToken stop)
    {
        int count = 0;
        using GrpcChannel channel = server.Connect();
        var matching = new V1.Matching.MatchingClient(channel);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                ulong[] contents = told.Contents;
                V1.MatchHashesResponse answer = await matching.MatchHashesAsync(new V1.MatchHashesRequest
                {
                    Queries = { contents.SelectMany(c => new[] { 0, 1, PerVersion - 1 }.Select(i => Hash(c, i)))
                        .Select(hash => new V1.HashQuery { Pdq = hash }) },
                }, cancellationToken: stop);
                told.Check(contents, answer);
                count++;
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // The server is gone.
        }

        return count;
    }

    private static async Task CheckAsync(TestedServer server, Told told)
    {
        V1.HashList list = await server.Lists.GetListAsync(
            new V1.GetListRequest { Name = List }, cancellationToken: Cancellation);
        Assert.All(list.Versions, version => Assert.Equal((ulong)PerVersion, version.Entries.Pdq));
        Assert.True(told.MayBeActive(list.ActiveVersion), $"{list.ActiveVersion} is active, {told.Active} was told.");
        told.Acknowledged(list.ActiveVersion);
        // The version may have been staged without its caller being told.
        ulong content = told.ContentOf(list.ActiveVersion);
        V1.MatchHashesResponse answer = await server.Matching.MatchHashesAsync(new V1.MatchHashesRequest
        {
            Queries = { Enumerable.Range(0, PerVersion).Select(i => new V1.HashQuery { Pdq = Hash(content, i) }) },
        }, cancellationToken: Cancellation);
        Assert.All(answer.Results, result => Assert.Equal(V1.Outcome.Near, result.Outcome));
        Assert.All(answer.Results, result => Assert.Equal(list.ActiveVersion, result.ListVersions.Single().Version));
    }

    /// <summary>What the server told, and what it was asked and did not tell.</summary>
    private sealed class Told
    {
        private readonly ConcurrentDictionary<ulong, ulong> _contents = new() { [1] = 1 };
        private ulong _trying;
        private ulong _content = 1;
        private int _count;

        public ulong Active { get; private set; } = 1;

        public int Count => Volatile.Read(ref _count);

        public ulong NextVersion => ++_content;

        public ulong[] Contents => [.. _contents.Values.OrderDescending().Take(3)];

        public void Staged(ulong version, ulong content) => _contents[version] = content;

        public void Trying(ulong version) => _trying = version;

        public void Acknowledged(ulong version)
        {
            Active = version;
            _trying = 0;
            Interlocked.Increment(ref _count);
        }

        public bool MayBeActive(ulong version) => version == Active || version == _trying;

        public ulong ContentOf(ulong version) => _contents[version];

        public void Check(ulong[] contents, V1.MatchHashesResponse answer)
        {
            ulong version = answer.Results.Select(result => result.ListVersions.Single().Version).Distinct().Single();
            ulong active = ContentOf(version);
            for (int i = 0; i < answer.Results.Count; i++)
            {
                V1.Outcome expected = contents[i / 3] == active ? V1.Outcome.Near : V1.Outcome.NoKnownMatch;
                Assert.Equal(expected, answer.Results[i].Outcome);
            }
        }
    }
}
