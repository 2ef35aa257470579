using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Redis;

/// <summary>
/// A Redis that answers and has lost or altered what it held: nothing of it empties an index, and nothing that is not
/// whole becomes active.
/// </summary>
public sealed class RedisLossTests
{
    private const string CutScript = "local v = redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], "
        + "string.sub(v, 1, #v - 1))";

    private const string FlipScript = "local v = redis.call('GET', KEYS[1]) local i = math.floor(#v / 2) "
        + "redis.call('SET', KEYS[1], string.sub(v, 1, i - 1) .. string.char((string.byte(v, i) + 1) % 256) "
        + ".. string.sub(v, i + 1))";

    private const string SwapScript = "local a = redis.call('GET', KEYS[1]) local b = redis.call('GET', KEYS[2]) "
        + "redis.call('SET', KEYS[1], b) redis.call('SET', KEYS[2], a)";

    private const string EmptyScript = "redis.call('SET', KEYS[1], '')";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("flushed")]
    [InlineData("document evicted")]
    [InlineData("document and log evicted")]
    [InlineData("names evicted")]
    [InlineData("made anew by somebody, without a version")]
    public async Task A_store_that_lost_a_list_empties_no_index(string loss)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation);
        await server.SeesAsync("list", 1, Cancellation);
        await using UploadTraffic traffic = UploadTraffic.Over(server);
        await LoseAsync(redis, loss);
        await Eventually.TrueAsync(
            async () => (await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
            "verdicts say that they are degraded", Cancellation);
        V1.MatchResponse verdict = await server.MatchHashAsync(UploadTraffic.Known, Cancellation);
        Assert.Equal(V1.Outcome.Near, verdict.Outcome);
        Assert.True(verdict.IndexAge.ToTimeSpan() > TimeSpan.Zero);
        string ready = await server.Json.GetStringAsync("/health/ready", Cancellation);
        Assert.StartsWith("ready, degraded", ready, StringComparison.Ordinal);

        // Loaded again, it is followed again.
        await using (Curator curator = await Curator.OpenAsync(redis.Address, Cancellation))
        {
            await curator.Catalog.CreateAsync("list", "", new HashMatch.Matching.MatchPolicy(), Cancellation);
            await curator.LoadAsync("list", UploadTraffic.Listed, Cancellation);
        }

        await Eventually.TrueAsync(
            async () => !(await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
            "the index is in step again", Cancellation);
        Assert.Empty(traffic.Wrong);
        FaultRow.Seen(
            $"Redis with a list lost: {loss}",
            "what was matched is matched on, verdicts say degraded, until it is loaded again",
            $"{traffic.Count("before")} verdicts right; {ready.Trim()}");
    }

    [Fact]
    public async Task A_list_that_is_deleted_by_hand_leaves_the_index_at_once()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, "--HashMatch:AllowEmptyIndex=true");
        await server.SeesAsync("list", 1, Cancellation);
        await server.Lists.DeleteListAsync(
            new V1.DeleteListRequest { Name = "list" }, cancellationToken: Cancellation);
        await server.SeesAsync("list", 0, Cancellation);
        Assert.False((await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded);
        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        await curator.Catalog.CreateAsync("list", "", new HashMatch.Matching.MatchPolicy(), Cancellation);
        await curator.LoadAsync("list", UploadTraffic.Listed, Cancellation);
        await server.SeesAsync("list", 1, Cancellation);
        await curator.Catalog.DeleteAsync("list", null, Cancellation);
        await curator.Catalog.CreateAsync("list", "", new HashMatch.Matching.MatchPolicy(), Cancellation);
        await server.SeesAsync("list", 0, Cancellation);
    }

    [Theory]
    [InlineData("cut off", CutScript)]
    [InlineData("altered", FlipScript)]
    [InlineData("swapped", SwapScript)]
    [InlineData("emptied", EmptyScript)]
    [InlineData("gone", "redis.call('DEL', KEYS[1])")]
    public async Task A_version_that_is_not_whole_is_not_activated_and_matched_by_nobody(string what, string script)
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        await UploadTraffic.CreateListAsync(redis.Address, Cancellation);
        await using RunningServer server = await RunningServer.StartReadyAsync(redis.Address, Cancellation);
        await server.SeesAsync("list", 1, Cancellation);
        await using UploadTraffic traffic = UploadTraffic.Over(server);
        await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
        HashEntry[] entries =
        [
            .. UploadTraffic.Listed,
            .. Enumerable.Range(100, 70_000).Select(i => Curator.Entry(Entries.RandomPdq(i), $"{i}")),
        ];
        long version = await curator.StageAsync("list", entries, Cancellation);
        HashList list = (await curator.Catalog.ReadAsync("list", Cancellation)).Value!;
        ListVersion staged = list.Versions.Single(each => each.Number == version);
        VersionManifest manifest = ListDocument.DecodeManifest(
            await curator.Store.ReadBlobAsync("list", staged.ManifestId, Cancellation), staged);
        SegmentRef[] segments = [.. manifest.Base];
        Assert.True(segments.Length > 1);

        // Then past the catalog, as if it was broken after it was looked at: the replica meets it.
        string[] keys = [Key(segments[0].Id), Key(segments[1].Id)];
        await redis.SendAsync(Cancellation, "EVAL", script, "2", keys[0], keys[1]);
        await Statuses.FailsAsync(
            Grpc.Core.StatusCode.FailedPrecondition, "VERSION_NOT_STAGED",
            () => server.Lists.ActivateVersionAsync(
                new V1.ActivateVersionRequest { Name = "list", Version = (ulong)version, Force = true },
                cancellationToken: Cancellation).ResponseAsync);
        await Eventually.TrueAsync(
            async () =>
            {
                // False when it met another write.
                HashList now = (await curator.Catalog.ReadAsync("list", Cancellation)).Value!;
                HashList forced = now.Activate(version, DateTimeOffset.UtcNow) with { Revision = now.Revision + 1 };
                return await curator.Store.TryWriteListAsync(
                    ListDocument.Encode(forced),
                    now.Revision,
                    new ListChange("list", forced.Revision, "activated", DateTimeOffset.UtcNow),
                    Cancellation);
            },
            "the version is active past the catalog",
            Cancellation);
        await Eventually.TrueAsync(
            async () => (await server.MatchHashAsync(UploadTraffic.Known, Cancellation)).Degraded,
            "verdicts say that they are degraded", Cancellation);
        Assert.Equal(1ul, (await server.VersionsAsync(Cancellation))["list"]);
        Assert.Empty(traffic.Wrong);
        FaultRow.Seen(
            $"a segment in Redis is {what}",
            "not activated; matched on with the version before, degraded",
            $"VERSION_NOT_STAGED; {traffic.Count("before")} verdicts right with version 1");
    }

    private static string Key(string blob) => RedisKeys.Blob("list", blob).ToString();

    private static async Task LoseAsync(RedisServer redis, string loss)
    {
        string document = RedisKeys.Document("list").ToString();
        string log = RedisKeys.Log("list").ToString();
        string[] command = loss switch
        {
            "flushed" => ["FLUSHALL"],
            "document evicted" => ["DEL", document],
            "document and log evicted" => ["DEL", document, log],
            "names evicted" => ["DEL", RedisKeys.Lists.ToString(), document],
            _ => ["FLUSHALL"],
        };
        await redis.SendAsync(Cancellation, command);
        if (loss.StartsWith("made anew", StringComparison.Ordinal))
        {
            await using Curator curator = await Curator.OpenAsync(redis.Address, Cancellation);
            await curator.Catalog.CreateAsync("list", "", new HashMatch.Matching.MatchPolicy(), Cancellation);
        }
    }
}
