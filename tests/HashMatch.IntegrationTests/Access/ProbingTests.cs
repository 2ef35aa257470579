using Google.Protobuf;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching;
using HashMatch.Pdq;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Access;

/// <summary>Who searches for an entry is seen; who uploads one picture over and over is not taken for it.</summary>
public sealed class ProbingTests : IAsyncDisposable
{
    private const int MinHashes = 50;

    private static readonly PdqHash Secret = RedactionTests.Hash(1);

    private readonly KeyedServer _server = KeyedServer.Prepare();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_search_by_verdicts_alone_raises_the_alarm_long_before_it_finds_the_entry()
    {
        await StartAsync();
        // It has a picture that matches, and turns bits until it does not: there, every bit that is turned tells one
        // of the entry's.
        PdqHash edge = RedactionTests.Turn(Secret, 10);
        for (int bit = 255; (await IsMatchAsync("prober", edge)); bit--)
        {
            edge = Flip(edge, bit);
        }

        int asked = 0;
        PdqHash found = edge;
        for (int bit = 0; bit < 256; bit++, asked++)
        {
            found = await IsMatchAsync("prober", Flip(edge, bit)) ? Flip(found, bit) : found;
        }

        // The search is a real one: it has the whole entry.
        Assert.Equal(Secret, found);
        await Eventually.TrueAsync(
            async () => (await AlarmsAsync()).Length > 0, "the alarm is recorded", Cancellation);
        V1.MatchEvent alarm = Assert.Single(await AlarmsAsync());
        Assert.Equal(("prober", "secret", "secret-entry"), (
            alarm.Probed.Caller, alarm.Match.List, alarm.Match.ExternalId));
        Assert.Equal((uint)MinHashes, alarm.Probed.Hashes);
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked} look-ups at the threshold; alarm at {MinHashes}");
    }

    [Fact]
    public async Task A_search_with_pictures_raises_the_alarm()
    {
        await _server.AddAsync("told", ["matcher"], Cancellation, details: true);
        await StartAsync();
        V1.HashResponse original = await _server.Matching("told").HashAsync(
            new V1.HashRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(7)) }, cancellationToken: Cancellation);
        Assert.True(PdqHash.TryParse(original.Hash, out PdqHash hash));
        await _server.LoadAsync("drawn", new MatchPolicy(), Cancellation, KeyedServer.Pdq(hash, "drawn-entry"));
        await Eventually.TrueAsync(() => IsMatchAsync("told", hash), "the list is matched against", Cancellation);
        // From a picture that matches towards one that does not, halving the way: where it ends, in many directions.
        int uploads = 0;
        for (int direction = 1000; direction < 1040; direction++)
        {
            (double matches, double misses) = (0, 1);
            for (int i = 0; i < 8; i++, uploads++)
            {
                double amount = (matches + misses) / 2;
                V1.MatchResponse verdict = await _server.UploadAsync(
                    "prober", DrawnPicture.Blend(7, direction, amount), Cancellation);
                (matches, misses) = verdict.Outcome == V1.Outcome.Near ? (amount, misses) : (matches, amount);
            }
        }

        await Eventually.TrueAsync(
            async () => (await AlarmsAsync()).Any(alarm => alarm.Match.ExternalId == "drawn-entry"),
            $"the alarm is recorded after {uploads} uploads", Cancellation);
    }

    [Fact]
    public async Task One_picture_that_goes_round_raises_none()
    {
        await StartAsync();
        var random = new Random(4);
        List<V1.HashQuery> queries = [];
        for (int i = 0; i < 5000; i++)
        {
            // The same file, and recompressions of it, and one copy that is just within the threshold.
            PdqHash hash = (i % 3) switch
            {
                0 => RedactionTests.Turn(Secret, 2),
                1 => Scatter(Secret, random, random.Next(0, 14)),
                _ => RedactionTests.Turn(Secret, 30),
            };
            queries.Add(new V1.HashQuery { Pdq = hash.ToString() });
        }

        foreach (V1.HashQuery[] batch in queries.Chunk(1000))
        {
            V1.MatchHashesResponse response = await _server.Matching("prober").MatchHashesAsync(
                new V1.MatchHashesRequest { Queries = { batch } }, cancellationToken: Cancellation);
            Assert.All(response.Results, verdict => Assert.Equal(V1.Outcome.Near, verdict.Outcome));
        }

        Assert.Empty(await AlarmsAfterAsync());
    }

    [Fact]
    public async Task Callers_are_counted_apart()
    {
        await StartAsync();
        await _server.MatchAsync("prober", Secret, Cancellation);
        await _server.MatchAsync("other", Secret, Cancellation);
        var random = new Random(5);
        for (int i = 0; i < (MinHashes - 2) * 2; i++)
        {
            await _server.MatchAsync(
                i % 2 == 0 ? "prober" : "other", Scatter(Secret, random, random.Next(28, 36)), Cancellation);
        }

        Assert.Empty(await AlarmsAfterAsync());
    }

    [Fact]
    public async Task When_it_is_said_who_searches_is_refused_and_nobody_else()
    {
        await StartAsync("--HashMatch:Access:Probing:LimitFor=00:10:00", "--HashMatch:Access:Probing:MinHashes=8");
        var random = new Random(6);
        await _server.MatchAsync("prober", Secret, Cancellation);
        int passed = 0;
        RpcException? refused = null;
        for (; refused is null && passed < 100; passed++)
        {
            try
            {
                await _server.MatchAsync("prober", Scatter(Secret, random, random.Next(28, 36)), Cancellation);
            }
            catch (RpcException e)
            {
                refused = e;
            }
        }

        Assert.Equal(9, passed);
        Assert.Equal("RATE_LIMITED", Statuses.ReasonOf(refused!));
        await _server.MatchAsync("other", Secret, Cancellation);
    }

    private static PdqHash Flip(PdqHash hash, int bit)
    {
        Span<byte> bytes = stackalloc byte[PdqHash.ByteCount];
        hash.Write(bytes);
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return PdqHash.Read(bytes);
    }

    private static PdqHash Scatter(PdqHash hash, Random random, int bits)
    {
        int[] all = [.. Enumerable.Range(0, 256)];
        random.Shuffle(all);
        return all.Take(bits).Aggregate(hash, Flip);
    }

    private async Task StartAsync(params string[] settings)
    {
        await _server.LoadAsync("secret", new MatchPolicy(), Cancellation, KeyedServer.Pdq(Secret, "secret-entry"));
        await _server.AddAsync("prober", ["matcher"], Cancellation);
        await _server.AddAsync("other", ["matcher"], Cancellation);
        await _server.AddAsync("loud", ["matcher"], Cancellation);
        await _server.AddAsync("auditor", ["auditor"], Cancellation);
        await _server.StartAsync(Cancellation, settings);
    }

    private async Task<bool> IsMatchAsync(string caller, PdqHash hash) =>
        (await _server.MatchAsync(caller, hash, Cancellation)).Outcome == V1.Outcome.Near;

    private async Task<V1.MatchEvent[]> AlarmsAsync()
    {
        List<V1.MatchEvent> events = [];
        string after = "";
        while (true)
        {
            V1.ListEventsResponse page = await _server.Events("auditor").ListEventsAsync(
                new V1.ListEventsRequest { After = after, PageSize = 1000 }, cancellationToken: Cancellation);
            if (page.Events.Count == 0)
            {
                return [.. events.Where(each => each.Probed is not null)];
            }

            events.AddRange(page.Events);
            after = page.Events[^1].Cursor;
        }
    }

    // Alarms are recorded in the order in which they are raised: behind one that must come there is none that is late.
    private async Task<V1.MatchEvent[]> AlarmsAfterAsync()
    {
        var random = new Random(7);
        await _server.MatchAsync("loud", Secret, Cancellation);
        for (int i = 0; i < MinHashes * 2; i++)
        {
            await _server.MatchAsync("loud", Scatter(Secret, random, random.Next(28, 36)), Cancellation);
        }

        await Eventually.TrueAsync(
            async () => (await AlarmsAsync()).Any(IsLoud), "the loud caller's alarm is recorded", Cancellation);
        return [.. (await AlarmsAsync()).Where(alarm => !IsLoud(alarm))];
    }

    private static bool IsLoud(V1.MatchEvent alarm) => alarm.Probed.Caller == "loud";
}
