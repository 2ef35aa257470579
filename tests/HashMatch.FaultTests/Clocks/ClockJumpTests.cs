using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Clocks;

/// <summary>The wall clock of a running server jumps, by libfaketime; its monotonic clock does not.</summary>
public sealed class ClockJumpTests
{
    private const string List = "list";
    private static readonly string[] Libraries =
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    ];

    private static readonly string Lasting = Entries.RandomPdq(1);
    private static readonly string Passing = Entries.RandomPdq(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jumps_of_an_hour_and_a_year_change_what_has_expired_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string store = $"sqlite:{folder["data"]}";
        await using (RunningServer first = await EmptyServer.StartAsync(store, Cancellation))
        {
            V1.Entry passing = Entries.Pdq(Passing, "passing");
            passing.ExpiresAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(30));
            await first.CreateAsync(List, null, [Entries.Pdq(Lasting, "lasting"), passing], Cancellation);
        }

        string clock = folder["clock"];
        await SetAsync(clock, TimeSpan.Zero);
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            new Dictionary<string, string>
            {
                ["LD_PRELOAD"] = Library(),
                ["FAKETIME_TIMESTAMP_FILE"] = clock,
                ["FAKETIME_NO_CACHE"] = "1",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                ["DONT_FAKE_MONOTONIC"] = "1",
            },
            store, Cancellation, "--HashMatch:MaxIndexAge=00:10:00");
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(program.Addresses[0]);
        var matching = new V1.Matching.MatchingClient(channel);
        var lists = new V1.HashLists.HashListsClient(channel);
        Assert.Equal((true, true), await FoundAsync(matching, 0));
        HashSet<string> ids = [];
        int added = 0;
        foreach (TimeSpan jump in (TimeSpan[])
            [
                TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.FromHours(-1), TimeSpan.FromDays(365), TimeSpan.Zero,
                TimeSpan.FromDays(-365), TimeSpan.Zero,
            ])
        {
            await SetAsync(clock, jump);
            int tooOld = 0;
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        // Expiry is looked at every now and then; a verdict looks at each entry itself.
                        return await FoundAsync(matching, 0) == (true, jump <= TimeSpan.Zero);
                    }
                    catch (RpcException e) when (Statuses.ReasonOf(e) == "INDEX_TOO_OLD")
                    {
                        tooOld++;
                        return false;
                    }
                },
                $"verdicts are those of {jump}", Cancellation);
            string value = Entries.RandomPdq(100 + added);
            await lists.AddEntriesAsync(
                new V1.AddEntriesRequest { Name = List, Entries = { Entries.Pdq(value, $"added {added++}") } },
                cancellationToken: Cancellation);
            await Eventually.TrueAsync(
                async () => (await VerdictAsync(matching, value)).Outcome == V1.Outcome.Near,
                "a change is followed", Cancellation);
            for (int i = 0; i < 50; i++)
            {
                Assert.True(ids.Add((await VerdictAsync(matching, Lasting)).VerdictId), "A verdict's id came twice.");
            }

            FaultRow.Seen(
                $"the clock is {jump} off", "entries expire by it and come back; changes are followed; ids are unique",
                $"right verdicts; INDEX_TOO_OLD {tooOld} times meanwhile");
        }

        Assert.True(program.IsAlive, program.Output);
        Assert.DoesNotContain("Unhandled", program.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" fail: ", program.Output, StringComparison.Ordinal);
        program.Terminate();
        Assert.Equal(0, await program.EndAsync(Cancellation));
    }

    private static async Task<(bool Lasting, bool Passing)> FoundAsync(
        V1.Matching.MatchingClient matching, int matches)
    {
        V1.MatchResponse lasting = await VerdictAsync(matching, Lasting);
        V1.MatchResponse passing = await VerdictAsync(matching, Passing);
        return (lasting.Matches.Count > matches, passing.Matches.Count > matches);
    }

    private static async Task<V1.MatchResponse> VerdictAsync(V1.Matching.MatchingClient matching, string hash) =>
        (await matching.MatchHashesAsync(
            new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = hash } } },
            cancellationToken: Cancellation)).Results[0];

    // Replaced whole, since it is read at every look at the clock.
    private static async Task SetAsync(string path, TimeSpan offset)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0;+0}");
        await File.WriteAllTextAsync(path + ".new", text + "\n", Cancellation);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static string Library()
    {
        string? path = Array.Find(Libraries, File.Exists);
        if (path is null && Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail("libfaketime is not installed (Debian: apt-get install faketime).");
        }

        if (path is null)
        {
            Assert.Skip("libfaketime is not installed (Debian: apt-get install faketime).");
        }

        return path;
    }
}
