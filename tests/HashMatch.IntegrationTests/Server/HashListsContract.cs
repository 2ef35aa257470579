using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Lists through the API, whatever store is behind it; two servers share it.</summary>
public abstract class HashListsContract : IAsyncLifetime
{
    private static int _names;

    private readonly string _list = $"list-{Interlocked.Increment(ref _names)}";
    private readonly string _first = Entries.RandomPdq(1);
    private readonly string _second = Entries.RandomPdq(2);

    private RunningServer? _one;
    private RunningServer? _other;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer One => _one!;

    private RunningServer Other => _other!;

    public async ValueTask InitializeAsync()
    {
        string store = await OpenStoreAsync();
        _one = await RunningServer.StartReadyAsync(store, Cancellation);
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
    public async Task A_list_goes_through_its_life_and_both_servers_follow()
    {
        Assert.Equal(
            StatusCode.Unavailable,
            (await Assert.ThrowsAsync<RpcException>(() => One.MatchHashAsync(_first, Cancellation))).StatusCode);
        V1.HashList created = await One.Lists.CreateListAsync(
            new V1.CreateListRequest { Name = _list, Description = "Grüße, 日本語" }, cancellationToken: Cancellation);
        Assert.Equal((0ul, 1ul, 31u, 50u, V1.Action.Block, true, false), (
            created.ActiveVersion, created.Revision, created.Policy.MaxDistance, created.Policy.MinQuality,
            created.Policy.Action, created.Policy.Enabled, created.Policy.Shadow));
        Assert.True(created.Policy.Trim);
        Assert.Equal("Grüße, 日本語", (await Other.Lists.GetListAsync(
            new V1.GetListRequest { Name = _list }, cancellationToken: Cancellation)).Description);

        V1.StageVersionResponse staged = await One.StageAsync(
            _list,
            [
                Entries.Pdq(_first, "a"), Entries.Pdq(_first, "b"),
                Entries.Digest(V1.HashType.Md5, [1], "c"), Entries.Digest(V1.HashType.Sha256, [1], "d"),
            ],
            Cancellation);
        Assert.Equal((1ul, V1.VersionState.Staged, 1ul, "test"), (
            staged.Version.Version, staged.Version.State, staged.Version.Duplicates, staged.Version.Source));
        Assert.Equal(
            new V1.EntryCounts { Pdq = 1, Md5 = 1, Sha256 = 1 }, staged.Version.Entries);

        V1.HashList active = await ActivateAsync(1);
        Assert.Equal((1ul, V1.VersionState.Active), (active.ActiveVersion, active.Versions[0].State));
        await BothSeeAsync(1);
        V1.MatchResponse verdict = await Other.MatchHashAsync(_first, Cancellation);
        Assert.Equal("b", verdict.Matches.Single().ExternalId);

        await One.StageAsync(_list, [Entries.Pdq(_second, "z")], Cancellation);
        await ActivateAsync(2, expected: 1);
        await BothSeeAsync(2);
        Assert.Equal(V1.Outcome.NoKnownMatch, (await Other.MatchHashAsync(_first, Cancellation)).Outcome);
        Assert.Equal(V1.Outcome.Near, (await Other.MatchHashAsync(_second, Cancellation)).Outcome);

        V1.HashList rolled = await Other.Lists.RollBackAsync(
            new V1.RollBackRequest { Name = _list }, cancellationToken: Cancellation);
        Assert.Equal(1ul, rolled.ActiveVersion);
        await BothSeeAsync(1);
        Assert.Equal(V1.Outcome.Near, (await One.MatchHashAsync(_first, Cancellation)).Outcome);

        await One.Lists.DeleteVersionAsync(
            new V1.DeleteVersionRequest { Name = _list, Version = 2 }, cancellationToken: Cancellation);
        V1.ListListsResponse lists = await Other.Lists.ListListsAsync(
            new V1.ListListsRequest(), cancellationToken: Cancellation);
        Assert.Equal([1ul], lists.Lists.Single(list => list.Name == _list).Versions.Select(v => v.Version));

        await One.Lists.DeleteListAsync(
            new V1.DeleteListRequest { Name = _list }, cancellationToken: Cancellation);
        await BothSeeAsync(0);
    }

    [Fact]
    public async Task Policy_changes_are_followed()
    {
        await One.CreateAsync(_list, null, [Entries.Pdq(_first, "a")], Cancellation);
        await BothSeeAsync(1);
        string near = Entries.Turn(_first, 20);
        Assert.Equal(V1.Action.Block, (await Other.MatchHashAsync(near, Cancellation)).Action);
        await UpdateAsync(new V1.Policy { MaxDistance = 10 });
        await FollowsAsync(near, verdict => verdict.Outcome == V1.Outcome.NoKnownMatch);
        await UpdateAsync(new V1.Policy { MaxDistance = 20, Action = V1.Action.Review });
        await FollowsAsync(near, verdict => verdict.Action == V1.Action.Review);
        await UpdateAsync(new V1.Policy { Shadow = true });
        await FollowsAsync(near, verdict => verdict.Outcome == V1.Outcome.NoKnownMatch);
        Assert.False((await UpdateAsync(new V1.Policy { Trim = false })).Policy.Trim);
        V1.HashList off = await UpdateAsync(new V1.Policy { Enabled = false });
        Assert.False(off.Policy.Trim);
        Assert.Equal((20u, V1.Action.Review, true, 50u), (
            off.Policy.MaxDistance, off.Policy.Action, off.Policy.Shadow, off.Policy.MinQuality));
        await BothSeeAsync(0);
    }

    [Fact]
    public async Task Entries_are_added_and_removed_one_by_one()
    {
        await One.CreateAsync(_list, null, [Entries.Pdq(_first, "a")], Cancellation);
        V1.EditEntriesResponse added = await One.Lists.AddEntriesAsync(
            new V1.AddEntriesRequest
            {
                Name = _list,
                Entries = { Entries.Pdq(_second, "z"), Entries.Pdq(_first, "again") },
            },
            cancellationToken: Cancellation);
        Assert.Equal((1ul, 1ul, 2ul), (added.Added, added.Replaced, added.List.ActiveVersion));
        await BothSeeAsync(2);
        Assert.Equal(
            "again", (await Other.MatchHashAsync(_first, Cancellation)).Matches.Single().ExternalId);
        V1.EditEntriesResponse removed = await One.Lists.RemoveEntriesAsync(
            new V1.RemoveEntriesRequest
            {
                Name = _list,
                Keys =
                {
                    new V1.EntryKey { Type = V1.HashType.Pdq, Value = _first },
                    new V1.EntryKey { Type = V1.HashType.Md5, Value = new string('a', 32) },
                },
            },
            cancellationToken: Cancellation);
        Assert.Equal((1ul, 1ul), (removed.Removed, removed.Missing));
        await BothSeeAsync(3);
        Assert.Equal(V1.Outcome.NoKnownMatch, (await Other.MatchHashAsync(_first, Cancellation)).Outcome);
    }

    [Fact]
    public async Task Bad_entries_refuse_a_version_unless_they_may_be_left_out()
    {
        await One.Lists.CreateListAsync(new V1.CreateListRequest { Name = _list }, cancellationToken: Cancellation);
        V1.Entry[] entries =
        [
            Entries.Pdq(_first, "a"),
            Entries.Pdq("xyz", "b"),
            Entries.Pdq(new string('0', 64), "blank"),
            new V1.Entry { Value = _first },
            Entries.Pdq(_second, new string('x', 300)),
        ];
        string[] named = await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_ENTRIES", () => One.StageAsync(_list, entries, Cancellation));
        Assert.Equal(["entries[2]", "entries[3]", "entries[4]", "entries[5]"], named);
        Assert.Empty((await GetAsync()).Versions);

        V1.StageVersionResponse staged = await One.StageAsync(_list, entries, Cancellation, skipInvalid: true);
        Assert.Equal((1ul, 4ul), (staged.Version.Entries.Pdq, staged.Version.Skipped));
        Assert.Equal([2ul, 3ul, 4ul, 5ul], staged.Errors.Select(error => error.Position));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_leaves_nothing()
    {
        await One.Lists.CreateListAsync(new V1.CreateListRequest { Name = _list }, cancellationToken: Cancellation);
        using (var call = One.Lists.StageVersion(cancellationToken: Cancellation))
        {
            await call.RequestStream.WriteAsync(Header(), Cancellation);
            await call.RequestStream.WriteAsync(Batch(Entries.Pdq(_first, "a")), Cancellation);
        }

        await One.StageAsync(_list, [Entries.Pdq(_second, "z")], Cancellation);
        V1.ListVersion version = (await GetAsync()).Versions.Single();
        Assert.Equal((1ul, 1ul), (version.Version, version.Entries.Pdq));
    }

    [Fact]
    public async Task A_stream_out_of_order_is_refused()
    {
        await One.Lists.CreateListAsync(new V1.CreateListRequest { Name = _list }, cancellationToken: Cancellation);
        V1.StageVersionRequest full = Batch([.. Enumerable.Repeat(Entries.Pdq(_first, "a"), 8193)]);
        Assert.Equal(["header"], await StreamAsync());
        Assert.Equal(["header"], await StreamAsync(Batch(Entries.Pdq(_first, "a"))));
        Assert.Equal(["batch"], await StreamAsync(Header(), Header()));
        Assert.Equal(["batch.entries"], await StreamAsync(Header(), full));
        Assert.Empty((await GetAsync()).Versions);

        Task<string[]> StreamAsync(params V1.StageVersionRequest[] parts) => Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD", async () =>
            {
                using var call = One.Lists.StageVersion(cancellationToken: Cancellation);
                await call.SendAsync(parts, Cancellation);
            });
    }

    [Fact]
    public async Task Refusals_have_their_status()
    {
        V1.HashLists.HashListsClient lists = One.Lists;
        await One.CreateAsync(_list, null, [Entries.Pdq(_first, "a")], Cancellation);
        await One.StageAsync(_list, [Entries.Pdq(_second, "z")], Cancellation);

        await FailsAsync(StatusCode.AlreadyExists, "LIST_EXISTS", () => lists.CreateListAsync(
            new V1.CreateListRequest { Name = _list }, cancellationToken: Cancellation).ResponseAsync);
        Assert.Equal(["name"], await FailsAsync(StatusCode.InvalidArgument, "INVALID_FIELD", () =>
            lists.CreateListAsync(
                new V1.CreateListRequest { Name = "No Name" }, cancellationToken: Cancellation).ResponseAsync));
        await FailsAsync(StatusCode.InvalidArgument, "INVALID_FIELD", () => UpdateAsync(
            new V1.Policy { MaxDistance = 64 }));
        await FailsAsync(StatusCode.InvalidArgument, "INVALID_FIELD", () => UpdateAsync(
            new V1.Policy { Action = V1.Action.Allow }));
        await FailsAsync(StatusCode.NotFound, "LIST_NOT_FOUND", () => lists.GetListAsync(
            new V1.GetListRequest { Name = "nowhere" }, cancellationToken: Cancellation).ResponseAsync);
        await FailsAsync(StatusCode.NotFound, "LIST_NOT_FOUND", () => One.StageAsync(
            "nowhere", [Entries.Pdq(_first, "a")], Cancellation));
        await FailsAsync(StatusCode.NotFound, "VERSION_NOT_FOUND", () => ActivateAsync(99));
        await FailsAsync(StatusCode.NotFound, "VERSION_NOT_FOUND", () => ActivateAsync(ulong.MaxValue));
        await FailsAsync(StatusCode.Aborted, "LOST_RACE", () => ActivateAsync(2, expected: 0));
        await FailsAsync(StatusCode.Aborted, "LOST_RACE", () => lists.DeleteListAsync(
            new V1.DeleteListRequest { Name = _list, ExpectedRevision = 1 },
            cancellationToken: Cancellation).ResponseAsync);
        await FailsAsync(StatusCode.FailedPrecondition, "NOTHING_TO_ROLL_BACK", () => lists.RollBackAsync(
            new V1.RollBackRequest { Name = _list }, cancellationToken: Cancellation).ResponseAsync);
        await FailsAsync(StatusCode.FailedPrecondition, "VERSION_IS_ACTIVE", () => lists.RetireVersionAsync(
            new V1.RetireVersionRequest { Name = _list, Version = 1 },
            cancellationToken: Cancellation).ResponseAsync);
        await FailsAsync(StatusCode.FailedPrecondition, "VERSION_IS_ACTIVE", () => lists.DeleteVersionAsync(
            new V1.DeleteVersionRequest { Name = _list, Version = 1 },
            cancellationToken: Cancellation).ResponseAsync);
        await lists.RetireVersionAsync(
            new V1.RetireVersionRequest { Name = _list, Version = 2 }, cancellationToken: Cancellation);
        await FailsAsync(StatusCode.FailedPrecondition, "VERSION_NOT_STAGED", () => ActivateAsync(2));
        Assert.Equal(["entries[0].value"], await FailsAsync(StatusCode.InvalidArgument, "INVALID_FIELD", () =>
            lists.AddEntriesAsync(
                new V1.AddEntriesRequest { Name = _list, Entries = { Entries.Pdq("1", "a") } },
                cancellationToken: Cancellation).ResponseAsync));
        Assert.Equal(["keys"], await FailsAsync(StatusCode.InvalidArgument, "INVALID_FIELD", () =>
            lists.RemoveEntriesAsync(
                new V1.RemoveEntriesRequest { Name = _list }, cancellationToken: Cancellation).ResponseAsync));
        await lists.CreateListAsync(new V1.CreateListRequest { Name = "empty" }, cancellationToken: Cancellation);
        await FailsAsync(StatusCode.FailedPrecondition, "NO_ACTIVE_VERSION", () => lists.AddEntriesAsync(
            new V1.AddEntriesRequest { Name = "empty", Entries = { Entries.Pdq(_first, "a") } },
            cancellationToken: Cancellation).ResponseAsync);

        static Task<string[]> FailsAsync(StatusCode code, string reason, Func<Task> call) =>
            Statuses.FailsAsync(code, reason, call);
    }

    /// <summary>A store with nothing in it, for one test.</summary>
    protected abstract Task<string> OpenStoreAsync();

    /// <summary>After the servers are gone.</summary>
    protected abstract Task CloseStoreAsync();

    private static V1.StageVersionRequest Batch(params V1.Entry[] entries) =>
        new() { Batch = new V1.StageVersionRequest.Types.Batch { Entries = { entries } } };

    private V1.StageVersionRequest Header() =>
        new() { Header = new V1.StageVersionRequest.Types.Header { List = _list } };

    private async Task<V1.HashList> GetAsync() => await One.Lists.GetListAsync(
        new V1.GetListRequest { Name = _list }, cancellationToken: Cancellation);

    private async Task<V1.HashList> UpdateAsync(V1.Policy policy) => await One.Lists.UpdateListAsync(
        new V1.UpdateListRequest { Name = _list, Policy = policy }, cancellationToken: Cancellation);

    private async Task<V1.HashList> ActivateAsync(ulong version, ulong? expected = null)
    {
        var request = new V1.ActivateVersionRequest { Name = _list, Version = version };
        if (expected is { } active)
        {
            request.ExpectedActiveVersion = active;
        }

        return await One.Lists.ActivateVersionAsync(request, cancellationToken: Cancellation);
    }

    private async Task BothSeeAsync(ulong version)
    {
        await One.SeesAsync(_list, version, Cancellation);
        await Other.SeesAsync(_list, version, Cancellation);
    }

    private Task FollowsAsync(string hash, Predicate<V1.MatchResponse> condition) => Eventually.TrueAsync(
        async () => condition(await One.MatchHashAsync(hash, Cancellation))
            && condition(await Other.MatchHashAsync(hash, Cancellation)),
        "both servers follow the policy", Cancellation);
}
