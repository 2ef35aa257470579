using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Access;
using HashMatch.Matching.Stores;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Access;

/// <summary>Callers while the store that holds them is away.</summary>
public sealed class CallerFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_is_down_locks_nobody_out_who_is_known()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        string known = await AddAsync(redis, "known");
        await using RunningServer server = await RunningServer.StartReadyAsync(
            redis.Address, Cancellation, "--HashMatch:Access:Open=false", "--HashMatch:AllowEmptyIndex=true");
        Assert.Equal("", await RefusalAsync(server, known));

        redis.Kill();
        // Through several of its rounds of reading callers.
        long until = Environment.TickCount64 + 5_000;
        int calls = 0;
        while (Environment.TickCount64 < until)
        {
            Assert.Equal("", await RefusalAsync(server, known));
            Assert.Equal("CREDENTIAL_WRONG", await RefusalAsync(server, ApiKey.Create().Reveal()));
            calls++;
        }

        await redis.Start(Cancellation);
        string added = "";
        await Eventually.TrueAsync(
            async () =>
            {
                added = added.Length > 0 ? added : await AddAsync(redis, "added");
                return await RefusalAsync(server, added) == "";
            },
            "a caller that was added since is known", Cancellation);
        FaultRow.Seen(
            "the store's Redis is killed for 5 s", "known keys go on, unknown ones are refused, new ones follow later",
            $"{calls} calls by a known key answered, {calls} by unknown ones refused; the new key was taken");
    }

    [Fact]
    public async Task Until_the_store_answers_a_key_is_neither_right_nor_wrong()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        string stored = await AddAsync(redis, "stored");
        var own = ApiKey.Create();
        redis.Kill();
        await using RunningServer server = await RunningServer.StartAsync(
            redis.Address, Cancellation, "--HashMatch:Access:Open=false", "--HashMatch:AllowEmptyIndex=true",
            $"--HashMatch:Access:Callers:own:KeyId={own.Id}", $"--HashMatch:Access:Callers:own:KeyHash={own.Hash}",
            "--HashMatch:Access:Callers:own:Roles:0=matcher");
        string first = await RefusalAsync(server, stored);
        string ownFirst = await RefusalAsync(server, own.Reveal());
        Assert.Equal("CALLERS_UNKNOWN", first);
        Assert.NotEqual("CREDENTIAL_WRONG", ownFirst);
        Assert.NotEqual("CALLERS_UNKNOWN", ownFirst);
        await redis.Start(Cancellation);
        await Eventually.TrueAsync(
            async () => await RefusalAsync(server, stored) == "", "the stored key is taken", Cancellation);
        FaultRow.Seen(
            "the server starts while its store is away",
            "UNAVAILABLE for stored keys until it is back, not UNAUTHENTICATED",
            $"{first}; then taken");
    }

    private static async Task<string> AddAsync(RedisServer redis, string name)
    {
        await using IListStore store = await ListStores.OpenAsync(redis.Address, TimeProvider.System, Cancellation);
        var key = ApiKey.Create();
        CallerResult added = await new CallerCatalog(store, TimeProvider.System).AddAsync(
            name, new CallerDefinition { Roles = ["matcher"] }, key, Cancellation);
        Assert.True(added.Caller is not null, added.Message);
        return key.Reveal();
    }

    private static async Task<string> RefusalAsync(RunningServer server, string key)
    {
        try
        {
            await server.Matching.MatchHashesAsync(
                new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = Entries.RandomPdq(1) } } },
                new Metadata { { "x-api-key", key } },
                cancellationToken: Cancellation);
            return "";
        }
        catch (RpcException e)
        {
            return Statuses.ReasonOf(e);
        }
    }
}
