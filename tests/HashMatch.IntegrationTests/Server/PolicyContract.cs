using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Policy through the API, whatever store is behind it; two servers share it.</summary>
public abstract class PolicyContract : IAsyncLifetime
{
    private static int _names;

    private readonly string _list = $"policy-{Interlocked.Increment(ref _names)}";
    private readonly string _hash = Entries.RandomPdq(901);

    private RunningServer? _one;
    private RunningServer? _other;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer One => _one!;

    private RunningServer Other => _other!;

    public async ValueTask InitializeAsync()
    {
        string store = await OpenStoreAsync();
        _one = await RunningServer.StartReadyAsync(
            store, Cancellation, "--HashMatch:Quarantine:MinMatches=30");
        _other = await RunningServer.StartReadyAsync(store, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is not null)
        {
            await _one.DisposeAsync();
        }

        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        await CloseStoreAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_a_negative_list_suppresses_is_told_to_who_sees_details_and_always_on_record()
    {
        await One.CreateAsync(_list, null, [Entries.Pdq(_hash, "case")], Cancellation);
        string benign = $"{_list}-benign";
        await One.CreateAsync(
            benign,
            new V1.Policy
            {
                Kind = V1.ListKind.Negative,
                MaxDistance = 4,
                Suppresses = new V1.ListNames { Names = { _list } },
            },
            [Entries.Pdq(Entries.Turn(_hash, 4), "logo")],
            Cancellation);
        await One.SeesAsync(benign, 1, Cancellation);
        await Other.SeesAsync(benign, 1, Cancellation);

        V1.MatchResponse told = await One.MatchHashAsync(_hash, Cancellation);
        Assert.Equal((V1.Outcome.NoKnownMatch, V1.Action.Allow), (told.Outcome, told.Action));
        Assert.Empty(told.Matches);
        V1.SuppressedMatch suppressed = Assert.Single(told.Suppressed);
        Assert.Equal(("case", V1.Action.Block), (suppressed.Match.ExternalId, suppressed.Match.Action));
        Assert.Equal((benign, 1ul, "logo", 4u), (
            suppressed.By.List, suppressed.By.ListVersion, suppressed.By.ExternalId, suppressed.By.Distance));

        // Access is open here: everybody sees details. RedactionTests have those who do not.
        V1.MatchResponse elsewhere = await Other.MatchHashAsync(_hash, Cancellation);
        Assert.Equal(V1.Outcome.NoKnownMatch, elsewhere.Outcome);
        V1.MatchEvent recorded = await Record.EventAsync(Other, elsewhere.VerdictId, Cancellation);
        Assert.Equal((benign, "case", false), (recorded.SuppressedBy.List, recorded.Match.ExternalId, recorded.Shadow));
        Assert.Equal(V1.Outcome.Near, (await Other.MatchHashAsync(Entries.Turn(_hash, 10), Cancellation)).Outcome);

        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await One.Lists.UpdateListAsync(
            new V1.UpdateListRequest { Name = _list, Policy = new V1.Policy { Kind = V1.ListKind.Negative } },
            cancellationToken: Cancellation));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact]
    public async Task Samples_and_expiries_are_set_taken_away_and_named_in_verdicts()
    {
        await One.CreateAsync(_list, null, [Entries.Pdq(_hash, "a")], Cancellation);
        await UntilAsync(V1.Outcome.Near);
        Assert.Equal(0u, (await SetAsync(new V1.Policy { SamplePercent = 0 })).Policy.SamplePercent);
        await UntilAsync(V1.Outcome.NoKnownMatch);
        Assert.Empty((await Other.MatchHashAsync(_hash, Cancellation)).ListVersions);
        await SetAsync(new V1.Policy { SamplePercent = 100 });
        await UntilAsync(V1.Outcome.Near);

        Timestamp past = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-1));
        Assert.Equal(past.Seconds, (await SetAsync(new V1.Policy { ExpiresAt = past })).Policy.ExpiresAt.Seconds);
        await UntilAsync(null);
        Assert.Null((await SetAsync(new V1.Policy { ExpiresAt = new Timestamp() })).Policy.ExpiresAt);
        await UntilAsync(V1.Outcome.Near);
    }

    [Fact]
    public async Task A_flood_is_quarantined_on_every_server_alarmed_once_and_released_by_hand()
    {
        string other = Entries.RandomPdq(902);
        await One.CreateAsync(_list, null, [Entries.Pdq(_hash, "flood"), Entries.Pdq(other, "calm")], Cancellation);
        await One.SeesAsync(_list, 1, Cancellation);
        await Other.SeesAsync(_list, 1, Cancellation);
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(V1.Action.Block, (await One.MatchHashAsync(_hash, Cancellation)).Action);
        }

        Assert.Equal(V1.Action.Review, (await One.MatchHashAsync(_hash, Cancellation)).Action);
        await Eventually.TrueAsync(
            async () => (await Other.MatchHashAsync(_hash, Cancellation)).Action == V1.Action.Review,
            "the other server knows", Cancellation);
        Assert.Equal(V1.Action.Block, (await One.MatchHashAsync(other, Cancellation)).Action);
        V1.HashList list = await Other.Lists.GetListAsync(
            new V1.GetListRequest { Name = _list }, cancellationToken: Cancellation);
        V1.QuarantinedEntry entry = Assert.Single(list.Quarantined);
        Assert.Equal((_hash, 30ul), (entry.Key.Value, entry.Matches));
        List<V1.MatchEvent> alarms = [];
        await Eventually.TrueAsync(
            async () =>
            {
                alarms = (await Record.ReadAllAsync(One, Cancellation)).FindAll(e => e.Quarantined is not null);
                return alarms.Count > 0;
            },
            "the alarm is on record", Cancellation);
        Assert.Equal(("flood", 30ul), (Assert.Single(alarms).Match.ExternalId, alarms[0].Quarantined.Matches));

        // An edit and a new version leave it where it is.
        await One.Lists.AddEntriesAsync(
            new V1.AddEntriesRequest { Name = _list, Entries = { Entries.Pdq(Entries.RandomPdq(903), "new") } },
            cancellationToken: Cancellation);
        await One.SeesAsync(_list, 2, Cancellation);
        Assert.Equal(V1.Action.Review, (await One.MatchHashAsync(_hash, Cancellation)).Action);

        V1.HashList released = await One.Lists.ReleaseEntriesAsync(
            new V1.ReleaseEntriesRequest { Name = _list, Keys = { entry.Key } }, cancellationToken: Cancellation);
        Assert.Empty(released.Quarantined);
        await Eventually.TrueAsync(
            async () => (await One.MatchHashAsync(_hash, Cancellation)).Action == V1.Action.Block
                && (await Other.MatchHashAsync(_hash, Cancellation)).Action == V1.Action.Block,
            "both servers block again", Cancellation);
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<string> OpenStoreAsync();

    /// <summary>Lets go of it.</summary>
    protected abstract Task CloseStoreAsync();

    private async Task<V1.HashList> SetAsync(V1.Policy policy) => await One.Lists.UpdateListAsync(
        new V1.UpdateListRequest { Name = _list, Policy = policy }, cancellationToken: Cancellation);

    // Null: there is no active list.
    private Task UntilAsync(V1.Outcome? outcome) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return (await Other.MatchHashAsync(_hash, Cancellation)).Outcome == outcome;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                return outcome is null;
            }
        },
        "the policy is followed", Cancellation);
}
