using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>kill -9 of a server in the middle of loads.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int EntryCount = 3_000;
    private const int Rounds = 4;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_killed_at_any_moment_of_a_load_leaves_whole_versions_only()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        V1.Entry[] entries =
            [.. Enumerable.Range(0, EntryCount).Select(i => Entries.Pdq(Entries.RandomPdq(i), $"{i}"))];
        string store = $"sqlite:{_folder["data"]}";
        await using (RunningServer first = await RunningServer.StartReadyAsync(store, Cancellation))
        {
            await first.CreateAsync("list", null, entries, Cancellation);
        }

        for (int round = 0; round < Rounds; round++)
        {
            using (ServerProgram program = await ServerProgram.StartReadyAsync(store, Cancellation))
            {
                using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                Task loading = LoadForeverAsync(new V1.HashLists.HashListsClient(channel), entries, stop.Token);
                await Task.Delay(random.Next(2500), Cancellation);
                program.Kill();
                await stop.CancelAsync();
                await loading;
            }

            await using RunningServer again = await RunningServer.StartReadyAsync(store, Cancellation);
            V1.HashList list = await again.Lists.GetListAsync(
                new V1.GetListRequest { Name = "list" }, cancellationToken: Cancellation);
            output.WriteLine($"round {round}: version {list.ActiveVersion} of {list.Versions.Count} is active");
            Assert.All(list.Versions, version => Assert.Equal((ulong)EntryCount, version.Entries.Pdq));
            Assert.Contains(list.Versions, version => version.Version == list.ActiveVersion);
            V1.MatchHashesResponse found = await again.Matching.MatchHashesAsync(
                new V1.MatchHashesRequest
                {
                    Queries = { entries.Take(500).Select(entry => new V1.HashQuery { Pdq = entry.Value }) },
                },
                cancellationToken: Cancellation);
            Assert.All(found.Results, result =>
            {
                Assert.Equal(V1.Outcome.Near, result.Outcome);
                Assert.Equal(list.ActiveVersion, result.ListVersions.Single().Version);
            });
        }
    }

    private static async Task LoadForeverAsync(
        V1.HashLists.HashListsClient lists, V1.Entry[] entries, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using var stage = lists.StageVersion(cancellationToken: stop);
                await stage.RequestStream.WriteAsync(
                    new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = "list" } },
                    stop);
                foreach (V1.Entry[] batch in entries.Chunk(1000))
                {
                    await stage.RequestStream.WriteAsync(
                        new V1.StageVersionRequest
                        {
                            Batch = new V1.StageVersionRequest.Types.Batch { Entries = { batch } },
                        },
                        stop);
                }

                await stage.RequestStream.CompleteAsync();
                V1.StageVersionResponse staged = await stage;
                await lists.ActivateVersionAsync(
                    new V1.ActivateVersionRequest { Name = "list", Version = staged.Version.Version },
                    cancellationToken: stop);
            }
        }
        catch (Exception e) when (
            e is RpcException or InvalidOperationException or OperationCanceledException or IOException)
        {
            // The server is gone.
        }
    }
}
