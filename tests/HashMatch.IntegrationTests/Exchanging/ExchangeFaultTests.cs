using System.IO.Compression;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Feedback;
using HashMatch.Exchanges.Syncing;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>What an API can do wrong, one by one; and what is told to it.</summary>
public sealed class ExchangeFaultTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IListStore _store = null!;

    public static TheoryData<ExchangeKind> Kinds => [.. Enum.GetValues<ExchangeKind>()];

    public static TheoryData<ExchangeKind> Talking =>
        [ExchangeKind.Ncmec, ExchangeKind.StopNcii, ExchangeKind.ThreatExchange];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await ListStores.OpenAsync(
        "sqlite:" + _folder["data"], TimeProvider.System, Token);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ExchangeKind.Ncmec)]
    [InlineData(ExchangeKind.ThreatExchange)]
    public async Task An_address_of_another_server_is_not_asked_and_the_run_goes_on_when_it_is_mended(ExchangeKind kind)
    {
        await using ExchangePlayer player = await StartAsync(kind);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        player.Fault = number => number > 2 ? PlayerFault.Lie : PlayerFault.None;
        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        Assert.Equal(ExchangeProblem.ForeignAddress, e.Problem);
        ExchangeState state = await bench.StateAsync();
        Assert.Equal(2, state.Run!.Fetched);
        Assert.Null(state.Checkpoint);
        player.Fault = _ => PlayerFault.None;
        int before = player.Requests;
        await bench.SyncAsync();
        Assert.Equal(3, player.Requests - before);
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_paging_that_goes_in_circles_is_noticed(ExchangeKind kind)
    {
        await using ExchangePlayer player = await StartAsync(kind);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        player.Fault = number => number > 2 ? PlayerFault.Repeat : PlayerFault.None;
        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        Assert.Equal(ExchangeProblem.CursorLoops, e.Problem);
        Assert.InRange(player.Requests, 3, 20);
        player.Fault = _ => PlayerFault.None;
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Theory]
    [InlineData(PlayerFault.Half, ExchangeProblem.BadPage)]
    [InlineData(PlayerFault.Nonsense, ExchangeProblem.BadPage)]
    [InlineData(PlayerFault.Elsewhere, ExchangeProblem.ForeignAddress)]
    [InlineData(PlayerFault.Cut, ExchangeProblem.NotReachable)]
    [InlineData(PlayerFault.TooMany, ExchangeProblem.RateLimited)]
    [InlineData(PlayerFault.Failure, ExchangeProblem.ServerFault)]
    internal async Task What_does_not_heal_ends_the_run_with_its_problem(PlayerFault fault, ExchangeProblem problem)
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.StopNcii);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.StopNcii);
        player.Fault = number => number > 2 ? fault : PlayerFault.None;
        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        Assert.Equal(problem, e.Problem);
        Assert.Equal(2 + ExchangeBench.Limits.Attempts, player.Requests);
        ExchangeState state = await bench.StateAsync();
        Assert.Equal((problem, 2L), (state.LastProblem!.Value, state.Run!.Fetched));
        Assert.Empty(await bench.ValuesAsync());
    }

    [Fact]
    public async Task An_api_that_asks_for_an_hour_is_left_alone_for_an_hour()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.Tat);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Tat);
        (player.RetryAfter, player.Fault) = ("3600", _ => PlayerFault.TooMany);
        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        Assert.Equal(ExchangeProblem.RateLimited, e.Problem);
        Assert.Equal(1, player.Requests);
        ExchangeState state = await bench.StateAsync();
        Assert.Equal(TimeSpan.FromHours(1), state.NextRunAt - state.LastErrorAt);
        SyncOptions due = new() { OnlyIfDue = true };
        e = await Assert.ThrowsAsync<ExchangeException>(
            () => bench.Sync().SyncAsync("x", ExchangeBench.Credentials, due, null, Token));
        Assert.Equal((ExchangeProblem.Busy, 1), (e.Problem, player.Requests));
    }

    [Fact]
    public async Task A_place_that_is_over_twelve_hours_old_is_not_asked_for_at_ncmec()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.Ncmec);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Ncmec);
        player.Fault = number => number > 2 ? PlayerFault.Failure : PlayerFault.None;
        await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        player.Fault = _ => PlayerFault.None;
        int before = player.Requests;
        await bench.SyncAsync(time: new ShiftedTime(TimeSpan.FromHours(13)));
        Assert.Equal(5, player.Requests - before);
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Fact]
    public async Task ThreatExchange_is_fetched_anew_after_85_days_and_what_it_forgot_leaves()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.ThreatExchange);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.ThreatExchange);
        await bench.SyncAsync();
        player.Forget(3);
        Assert.False((await bench.SyncAsync(time: new ShiftedTime(TimeSpan.FromDays(84)))).Full);
        Assert.Contains(ExchangeBench.Md5(3), await bench.ValuesAsync());
        Assert.True((await bench.SyncAsync(time: new ShiftedTime(TimeSpan.FromDays(86)))).Full);
        Assert.Equal(player.Live(), await bench.ValuesAsync());
        Assert.DoesNotContain(ExchangeBench.Md5(3), await bench.ValuesAsync());
    }

    [Fact]
    public async Task The_token_of_ThreatExchange_is_in_no_page_and_no_place_that_is_kept()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.ThreatExchange);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.ThreatExchange);
        player.Fault = number => number > 3 ? PlayerFault.Failure : PlayerFault.None;
        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        Assert.DoesNotContain(ExchangePlayer.Secret, e.ToString(), StringComparison.Ordinal);
        StoredDocument document = (await _store.ReadDocumentAsync(ExchangeCatalog.Group, "x", Token))!;
        Assert.Equal(-1, document.Content.Span.IndexOf("s3cret"u8));
        IReadOnlyList<StoredBlob> blobs = await _store.ReadBlobsAsync("exchange:x", Token);
        Assert.Equal(3, blobs.Count);
        foreach (StoredBlob blob in blobs)
        {
            using MemoryStream packed = new((await _store.ReadBlobAsync("exchange:x", blob.Id, Token))!);
            using GZipStream page = new(packed, CompressionMode.Decompress);
            using StreamReader reader = new(page);
            string text = await reader.ReadToEndAsync(Token);
            Assert.Contains("HASH_MD5", text, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_lost_the_exchange_changes_nothing_more()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.Tat);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Tat);
        player.Asked = number =>
        {
            if (number == 3)
            {
                HeldExchange.TakeAsync(bench.Catalog, "x", "another", null, Token).GetAwaiter().GetResult();
            }
        };
        ExchangeException e = await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        Assert.Equal(ExchangeProblem.Busy, e.Problem);
        Assert.Equal(2, (await bench.StateAsync()).Run!.Fetched);
        Assert.Empty(await bench.ValuesAsync());
    }

    [Fact]
    public async Task Kept_pages_are_no_garbage_and_forgotten_ones_are()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.Ncmec);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.Ncmec);
        player.Fault = number => number > 2 ? PlayerFault.Failure : PlayerFault.None;
        await Assert.ThrowsAsync<ExchangeException>(() => bench.SyncAsync());
        await _store.WriteBlobAsync("exchange:x", Guid.NewGuid().ToString("N"), new byte[9], Token);
        await _store.WriteBlobAsync("exchange:gone", Guid.NewGuid().ToString("N"), new byte[9], Token);
        Assert.Equal(0, await bench.Lists.CollectGarbageAsync(TimeSpan.Zero, Token));
        Assert.Equal(0, await bench.Sync().CollectGarbageAsync(TimeSpan.FromHours(1), Token));
        Assert.Equal(2, await bench.Sync().CollectGarbageAsync(TimeSpan.Zero, Token));
        player.Fault = _ => PlayerFault.None;
        await bench.SyncAsync();
        Assert.Equal(player.Live(), await bench.ValuesAsync());
    }

    [Theory]
    [MemberData(nameof(Talking))]
    public async Task Feedback_is_sent_once_it_is_accepted_under_the_same_key(ExchangeKind kind)
    {
        await using ExchangePlayer player = await StartAsync(kind);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(kind);
        await bench.SyncAsync();
        WaitingFeedback feedback = new(_store, TimeProvider.System, ExchangeBench.Limits);
        StoredExchange exchange = (await bench.Catalog.ReadAsync("x", Token))!;
        HashSet<string> ids = [kind switch
        {
            ExchangeKind.Ncmec => "11-1",
            ExchangeKind.StopNcii => "case-1",
            _ => "1",
        }];
        foreach (FeedbackOpinion opinion in Enum.GetValues<FeedbackOpinion>())
        {
            Assert.Equal(1, await feedback.QueueAsync(exchange, ids, opinion, null, Token));
            Assert.Equal(1, await feedback.QueueAsync(exchange, ids, opinion, null, Token));
        }

        Assert.Equal(2, (await feedback.ReadAsync("x", Token)).Count);
        player.Fault = _ => PlayerFault.Failure;
        Assert.Equal(0, await feedback.SendAsync("x", ExchangeBench.Credentials, Token));
        FeedbackItem[] waiting = [.. await feedback.ReadAsync("x", Token)];
        Assert.All(waiting, item => Assert.Equal((1, false), (item.Attempts, item.IsParked)));
        Assert.Equal(0, await feedback.SendAsync("x", ExchangeBench.Credentials, Token));
        player.Fault = _ => PlayerFault.None;
        WaitingFeedback later = new(_store, new ShiftedTime(TimeSpan.FromHours(1)), ExchangeBench.Limits);
        Assert.Equal(2, await later.SendAsync("x", ExchangeBench.Credentials, Token));
        Assert.Empty(await feedback.ReadAsync(null, Token));
        Assert.Equal(
            waiting.Select(item => item.Id).Order(StringComparer.Ordinal),
            player.Told.Select(each => each.Key).Distinct().Order(StringComparer.Ordinal));
        (string wrong, string right) = kind switch
        {
            ExchangeKind.Ncmec => ("<guid>01234567-abcd</guid>", "<affirmative"),
            ExchangeKind.StopNcii => ("\"NotBlocked\"", "\"Blocked\""),
            _ => ("DISAGREE_WITH_TAGS", "HELPFUL"),
        };
        Assert.Contains(player.Told, each => each.Body.Contains(wrong, StringComparison.Ordinal));
        Assert.Contains(player.Told, each => each.Body.Contains(right, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Feedback_that_is_never_accepted_is_parked()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.StopNcii);
        ExchangeBench bench = new(_store, player);
        await bench.AddAsync(ExchangeKind.StopNcii);
        await bench.SyncAsync();
        StoredExchange exchange = (await bench.Catalog.ReadAsync("x", Token))!;
        player.Fault = _ => PlayerFault.Failure;
        for (int i = 0; i < WaitingFeedback.MaxAttempts; i++)
        {
            WaitingFeedback feedback = new(
                _store, new ShiftedTime(TimeSpan.FromDays(i)), ExchangeBench.Limits);
            await feedback.QueueAsync(exchange, new HashSet<string> { "case-1" }, FeedbackOpinion.Wrong, null, Token);
            await feedback.SendAsync("x", ExchangeBench.Credentials, Token);
            FeedbackItem item = Assert.Single(await feedback.ReadAsync("x", Token));
            Assert.Equal((i + 1, i + 1 == WaitingFeedback.MaxAttempts), (item.Attempts, item.IsParked));
        }
    }

    [Fact]
    public async Task Servers_fetch_by_themselves_and_report_what_matched()
    {
        await using ExchangePlayer player = await StartAsync(ExchangeKind.StopNcii);
        ExchangeBench bench = new(_store, player);
        Assert.Null(await bench.Catalog.AddAsync(
            "x",
            ExchangeBench.Definition(ExchangeKind.StopNcii, player.Address) with { ReportMatches = true },
            Token));
        string[] settings =
        [
            "--HashMatch:Exchanges:x:SubscriptionKey=" + ExchangePlayer.Secret,
            "--HashMatch:Exchanges:x:FunctionKey=" + ExchangePlayer.Secret,
            "--HashMatch:Exchanges:x:FeedbackFunctionKey=" + ExchangePlayer.Secret,
            "--HashMatch:ExchangeLimits:PollInterval=00:00:00.050",
        ];
        string address = "sqlite:" + _folder["data"];
        await using RunningServer one = await RunningServer.StartReadyAsync(address, Token, settings);
        await using RunningServer two = await RunningServer.StartReadyAsync(address, Token, settings);
        await two.SeesAsync("l", 1, Token);
        Assert.Equal(5, player.Requests);
        HashMatch.Proto.V1.HashQuery query = new() { Md5 = ExchangeBench.Md5(1) };
        HashMatch.Proto.V1.MatchHashesResponse verdicts = await two.Matching.MatchHashesAsync(
            new HashMatch.Proto.V1.MatchHashesRequest { Queries = { query } }, cancellationToken: Token);
        Assert.Equal("case-1", Assert.Single(verdicts.Results[0].Matches).ExternalId);
        await Eventually.TrueAsync(() => !player.Told.IsEmpty, "the match is reported", Token);
        Assert.Contains(ExchangeBench.Md5(1), player.Told.First().Body, StringComparison.Ordinal);
        HashList list = (await bench.Lists.ReadAsync("l", Token)).Value!;
        Assert.Single(list.Versions);
    }

    private static async Task<ExchangePlayer> StartAsync(ExchangeKind kind)
    {
        ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        foreach (int i in Enumerable.Range(0, 23))
        {
            player.Put(i, true, ExchangeBench.Md5(i));
        }

        return player;
    }
}
