using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Four server processes on one Redis.</summary>
public sealed class ReplicasTests
{
    private const int Count = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_come_to_the_same_versions_and_one_that_stood_still_catches_up_without_the_log()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        ServerProgram[] programs = [];
        GrpcChannel[] channels = [];
        try
        {
            programs = await Task.WhenAll(Enumerable.Range(0, Count).Select(
                _ => ServerProgram.StartReadyAsync(redis.Address, Cancellation)));
            channels = [.. programs.Select(program => GrpcChannel.ForAddress(program.Addresses[0]))];
            V1.Matching.MatchingClient[] replicas = [.. channels.Select(c => new V1.Matching.MatchingClient(c))];
            var writer = new V1.HashLists.HashListsClient(channels[0]);
            string[] hashes = [.. Enumerable.Range(0, 6).Select(Entries.RandomPdq)];
            await writer.CreateListAsync(
                new V1.CreateListRequest { Name = "list" }, cancellationToken: Cancellation);
            ulong version = await LoadAsync(writer, hashes[0]);
            await AgreeAsync(replicas, version, hashes[0], V1.Outcome.Near);
            version = await AddAsync(writer, hashes[1]);
            await AgreeAsync(replicas, version, hashes[1], V1.Outcome.Near);
            version = await RemoveAsync(writer, hashes[0]);
            await AgreeAsync(replicas, version, hashes[0], V1.Outcome.NoKnownMatch);

            programs[^1].Pause();
            foreach (string hash in hashes[2..5])
                version = await AddAsync(writer, hash);
            await AgreeAsync(replicas[..^1], version, hashes[4], V1.Outcome.Near);
            // All that tells of the changes is gone before the last replica looks.
            await redis.SendAsync(Cancellation, "XTRIM", "hm:{l:list}:log", "MAXLEN", "0");
            programs[^1].Resume();
            await AgreeAsync(replicas, version, hashes[2], V1.Outcome.Near);

            V1.HashList back = await writer.RollBackAsync(
                new V1.RollBackRequest { Name = "list" }, cancellationToken: Cancellation);
            await AgreeAsync(replicas, back.ActiveVersion, hashes[4], V1.Outcome.NoKnownMatch);
            version = await LoadAsync(writer, hashes[5]);
            await AgreeAsync(replicas, version, hashes[5], V1.Outcome.Near);
            await AgreeAsync(replicas, version, hashes[1], V1.Outcome.NoKnownMatch);
        }
        finally
        {
            Array.ForEach(channels, channel => channel.Dispose());
            Array.ForEach(programs, program => program.Dispose());
        }
    }

    // Every replica, by the version that its verdict names; then the verdict must be right.
    private static Task AgreeAsync(
        V1.Matching.MatchingClient[] replicas, ulong version, string hash, V1.Outcome outcome) =>
        Task.WhenAll(replicas.Select(replica => Eventually.TrueAsync(
            async () =>
            {
                V1.MatchHashesResponse answer;
                try
                {
                    answer = await replica.MatchHashesAsync(
                        new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = hash } } },
                        cancellationToken: Cancellation);
                }
                catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.Unavailable)
                {
                    return false;
                }

                V1.MatchResponse verdict = answer.Results.Single();
                if (verdict.ListVersions.Single().Version != version)
                    return false;
                Assert.Equal(outcome, verdict.Outcome);
                return true;
            },
            $"every replica has version {version}", Cancellation)));

    private static async Task<ulong> LoadAsync(V1.HashLists.HashListsClient writer, string hash)
    {
        using var call = writer.StageVersion(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(
            new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = "list" } },
            Cancellation);
        await call.RequestStream.WriteAsync(
            new V1.StageVersionRequest
            {
                Batch = new V1.StageVersionRequest.Types.Batch { Entries = { Entries.Pdq(hash, "a") } },
            },
            Cancellation);
        await call.RequestStream.CompleteAsync();
        ulong version = (await call).Version.Version;
        await writer.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = "list", Version = version }, cancellationToken: Cancellation);
        return version;
    }

    private static async Task<ulong> AddAsync(V1.HashLists.HashListsClient writer, string hash) =>
        (await writer.AddEntriesAsync(
            new V1.AddEntriesRequest { Name = "list", Entries = { Entries.Pdq(hash, "e") } },
            cancellationToken: Cancellation)).List.ActiveVersion;

    private static async Task<ulong> RemoveAsync(V1.HashLists.HashListsClient writer, string hash) =>
        (await writer.RemoveEntriesAsync(
            new V1.RemoveEntriesRequest
            {
                Name = "list",
                Keys = { new V1.EntryKey { Type = V1.HashType.Pdq, Value = hash } },
            },
            cancellationToken: Cancellation)).List.ActiveVersion;
}
