using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Access;

/// <summary>A matcher is told what to do and no more; who sees details is told all.</summary>
public sealed class RedactionTests : IAsyncLifetime
{
    private static readonly PdqHash Listed = Hash(1);
    private static readonly PdqHash Harmless = Hash(2);

    private readonly KeyedServer _server = KeyedServer.Prepare();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.LoadAsync(
            "first", new MatchPolicy { ListClass = "csam" }, Cancellation,
            [.. Enumerable.Range(0, 7).Select(i => KeyedServer.Pdq(Turn(Listed, i), $"first-{i}"))]);
        await _server.LoadAsync(
            "second", new MatchPolicy { ListClass = "csam" }, Cancellation,
            KeyedServer.Pdq(Turn(Listed, 9), "second-9"));
        await _server.LoadAsync(
            "third", new MatchPolicy { ListClass = "terror", Action = MatchAction.Review }, Cancellation,
            KeyedServer.Pdq(Turn(Listed, 3), "third-3"), KeyedServer.Pdq(Harmless, "third-harmless"));
        await _server.LoadAsync(
            "none", new MatchPolicy { Action = MatchAction.Review }, Cancellation,
            KeyedServer.Pdq(Turn(Listed, 5), "none-5"));
        await _server.LoadAsync(
            "harmless", new MatchPolicy { Kind = ListKind.Negative, MaxDistance = 4 }, Cancellation,
            KeyedServer.Pdq(Harmless, "harmless-0"));
        await _server.AddAsync("plain", ["matcher"], Cancellation);
        await _server.AddAsync("told", ["matcher"], Cancellation, details: true);
        await _server.AddAsync("editor", ["matcher", "list-editor"], Cancellation);
        await _server.AddAsync("auditor", ["matcher", "auditor"], Cancellation);
        await _server.AddAsync("approver", ["matcher", "list-approver", "metrics"], Cancellation);
        await _server.StartAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("plain")]
    [InlineData("approver")]
    public async Task A_matcher_gets_each_class_and_action_once_whatever_is_behind_it(string caller)
    {
        V1.Match[] expected =
        [
            new() { ListClass = "csam", Action = V1.Action.Block },
            new() { Action = V1.Action.Review },
            new() { ListClass = "terror", Action = V1.Action.Review },
        ];
        V1.MatchResponse far = await _server.MatchAsync(caller, Turn(Listed, 25), Cancellation);
        V1.MatchResponse near = await _server.MatchAsync(caller, Listed, Cancellation);
        foreach (V1.MatchResponse verdict in new[] { far, near })
        {
            Assert.Equal(expected, verdict.Matches);
            Assert.Equal((V1.Outcome.Near, V1.Action.Block), (verdict.Outcome, verdict.Action));
            Assert.Equal(["first", "harmless", "none", "second", "third"], verdict.ListVersions.Select(v => v.List));
            Assert.All(verdict.ListVersions, version => Assert.Equal(1ul, version.Version));
        }

        // But for the id of the verdict, nothing tells a hash at distance 0 from one at 25.
        (near.VerdictId, far.VerdictId) = ("", "");
        Assert.Equal(far, near);
    }

    [Theory]
    [InlineData("told")]
    [InlineData("editor")]
    [InlineData("auditor")]
    public async Task Who_sees_details_gets_all_of_them(string caller)
    {
        V1.MatchResponse verdict = await _server.MatchAsync(caller, Listed, Cancellation);
        Assert.Equal(10, verdict.Matches.Count);
        Assert.Equal(
            [0u, 1, 2, 3, 4, 5, 6, 9],
            verdict.Matches.Where(match => match.Action == V1.Action.Block).Select(match => match.Distance));
        Assert.Equal(Listed.ToString(), verdict.Hash);
        V1.Match first = verdict.Matches[0];
        Assert.Equal(
            ("first", "csam", "first-0", "class-of-first-0"),
            (first.List, first.ListClass, first.ExternalId, first.Classification));
        V1.MatchResponse suppressed = await _server.MatchAsync(caller, Harmless, Cancellation);
        Assert.Equal("harmless-0", Assert.Single(suppressed.Suppressed).By.ExternalId);
    }

    [Fact]
    public async Task A_matcher_is_not_told_of_what_was_suppressed()
    {
        V1.MatchResponse suppressed = await _server.MatchAsync("plain", Harmless, Cancellation);
        V1.MatchResponse unknown = await _server.MatchAsync("plain", Hash(77), Cancellation);
        (suppressed.VerdictId, unknown.VerdictId) = ("", "");
        Assert.Equal(unknown, suppressed);
    }

    [Fact]
    public async Task Keys_of_entries_in_quarantine_are_told_to_list_editors_alone()
    {
        string key = new EntryKey(HashType.Pdq, HashValue.From(Listed)).ToString();
        await using (IListStore store = await ListStores.OpenAsync(_server.Store, TimeProvider.System, Cancellation))
        {
            var catalog = new ListCatalog(store, TimeProvider.System);
            HashList list = (await catalog.ReadAsync("first", Cancellation)).Value!;
            Assert.True((await catalog.QuarantineAsync(
                "first", list.Id, [new QuarantinedEntry(key, DateTimeOffset.UtcNow, 7, 1)], Cancellation)).IsOk);
        }

        foreach ((string caller, bool sees) in new[] { ("editor", true), ("auditor", false), ("approver", false) })
        {
            V1.HashLists.HashListsClient lists = _server.Lists(caller);
            V1.HashList one = await lists.GetListAsync(
                new V1.GetListRequest { Name = "first" }, cancellationToken: Cancellation);
            V1.ListListsResponse all = await lists.ListListsAsync(
                new V1.ListListsRequest(), cancellationToken: Cancellation);
            Assert.Equal(7ul, Assert.Single(one.Quarantined).Matches);
            Assert.Equal(sees ? Listed.ToString() : null, one.Quarantined[0].Key?.Value);
            Assert.Equal(one.Quarantined, all.Lists.Single(list => list.Name == "first").Quarantined);
        }
    }

    [Fact]
    public async Task Every_way_to_a_verdict_hides_the_same()
    {
        byte[] picture = DrawnPicture.Draw(5);
        V1.HashResponse hashed = await _server.Matching("told").HashAsync(
            new V1.HashRequest { Image = Google.Protobuf.ByteString.CopyFrom(picture) },
            cancellationToken: Cancellation);
        Assert.True(PdqHash.TryParse(hashed.Hash, out PdqHash hash));
        await _server.LoadAsync(
            "drawn", new MatchPolicy { ListClass = "drawn" }, Cancellation, KeyedServer.Pdq(Turn(hash, 4), "drawn-4"));
        await Fixtures.Eventually.TrueAsync(
            async () => (await _server.MatchAsync("told", hash, Cancellation)).ListVersions.Any(v => v.List == "drawn"),
            "the list is matched against", Cancellation);
        V1.Match expected = new() { ListClass = "drawn", Action = V1.Action.Block };
        Check(await _server.UploadAsync("plain", picture, Cancellation));
        Check(await _server.MatchAsync("plain", hash, Cancellation));

        V1.Matching.MatchingClient plain = _server.Matching("plain");
        using AsyncClientStreamingCall<V1.MatchUploadRequest, V1.MatchResponse> upload =
            plain.MatchUpload(cancellationToken: Cancellation);
        await upload.RequestStream.WriteAsync(
            new V1.MatchUploadRequest { Chunk = Google.Protobuf.ByteString.CopyFrom(picture) }, Cancellation);
        await upload.RequestStream.CompleteAsync();
        Check(await upload);

        using AsyncDuplexStreamingCall<V1.MatchStreamRequest, V1.MatchStreamResponse> stream =
            plain.MatchStream(cancellationToken: Cancellation);
        await stream.RequestStream.WriteAsync(
            new V1.MatchStreamRequest { Image = Google.Protobuf.ByteString.CopyFrom(picture) }, Cancellation);
        Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
        Check(stream.ResponseStream.Current.Response);
        await stream.RequestStream.CompleteAsync();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/match")
        {
            Content = JsonContent.Create(new { image = picture }),
        };
        request.Headers.Add("x-api-key", _server.KeyOf("plain"));
        using HttpResponseMessage json = await _server.Running.Json.SendAsync(request, Cancellation);
        JsonElement verdict = await json.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal("drawn", verdict.GetProperty("matches")[0].GetProperty("listClass").GetString());
        Assert.Equal("", verdict.GetProperty("hash").GetString());
        Assert.Equal(0, verdict.GetProperty("matches")[0].GetProperty("distance").GetInt32());

        void Check(V1.MatchResponse response)
        {
            Assert.Equal(expected, Assert.Single(response.Matches));
            Assert.Equal(("", 0u, false), (response.Hash, response.Quality, response.Truncated));
            Assert.Empty(response.Suppressed);
        }
    }

    /// <summary>A hash with half its bits set.</summary>
    internal static PdqHash Hash(int seed)
    {
        Assert.True(PdqHash.TryParse(Entries.RandomPdq(seed), out PdqHash hash));
        return hash;
    }

    /// <summary>A hash at a distance from another.</summary>
    internal static PdqHash Turn(PdqHash hash, int bits)
    {
        Assert.True(PdqHash.TryParse(Entries.Turn(hash.ToString(), bits), out PdqHash turned));
        return turned;
    }
}
