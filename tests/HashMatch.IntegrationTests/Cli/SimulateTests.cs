using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HashMatch.Matching.Stores;
using HashMatch.Proto.V1;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>Thresholds simulated on recorded events, on a store and through a server.</summary>
public sealed class SimulateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thresholds_count_what_was_recorded_and_say_what_is_unknown()
    {
        using var tool = new ToolProcess();
        Assert.Equal(0, (await tool.RunAsync(
            Cancellation, "lists", "create", "s", "--shadow", "true", "--max-distance", "40")).ExitCode);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        MatchEvent alarm = Event("v6", "s", "a", 0, now);
        alarm.Quarantined = new QuarantineAlarm { Matches = 9 };
        MatchEvent suppressed = Event("v5", "s", "a", 3, now);
        suppressed.SuppressedBy = new Suppressor { List = "harmless" };
        MatchEvent digest = Event("v4", "s", "d", 0, now);
        digest.Match.Type = HashType.Sha256;
        MatchEvent[] events =
        [
            Event("v0", "s", "old", 1, now.AddDays(-8)),
            Event("v1", "s", "a", 25, now), Event("v1", "s", "b", 22, now), Event("v1", "s", "b", 30, now),
            Event("v2", "s", "a", 38, now), Event("v3", "other", "a", 1, now), digest, suppressed, alarm,
        ];
        await using (IListStore store = await ListStores.OpenAsync(tool.Store, TimeProvider.System, Cancellation))
        {
            await store.AppendEventsAsync(
                [.. events.Select(item => (ReadOnlyMemory<byte>)item.ToByteArray())], Cancellation);
        }

        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        foreach (string[] way in (string[][])[[], ["--server", served.Address]])
        {
            ToolResult json = await tool.RunAsync(
                Cancellation, ["lists", "simulate", "s", "--max-distance", "21..41", "--json", .. way]);
            Assert.True(json.ExitCode == 0, json.Error);
            Assert.Equal((1, 1), At(json.Json, 21));
            Assert.Equal((2, 2), At(json.Json, 22));
            Assert.Equal((2, 2), At(json.Json, 24));
            Assert.Equal((2, 3), At(json.Json, 25));
            Assert.Equal((2, 3), At(json.Json, 37));
            Assert.Equal((3, 3), At(json.Json, 38));
            Assert.Equal((null, null), At(json.Json, 41));
            Assert.Equal((40, 1, 1), (
                json.Json.GetProperty("known_up_to").GetInt32(),
                json.Json.GetProperty("digests").GetInt32(),
                json.Json.GetProperty("suppressed").GetInt32()));
            Assert.Equal(now.AddDays(-8), json.Json.GetProperty("oldest_event").GetDateTimeOffset());
            ToolResult longer = await tool.RunAsync(
                Cancellation, ["lists", "simulate", "s", "--max-distance", "21", "--days", "9", "--json", .. way]);
            Assert.Equal((2, 2), At(longer.Json, 21));
            ToolResult table = await tool.RunAsync(
                Cancellation, ["lists", "simulate", "s", "--max-distance", "40..41", .. way]);
            Assert.Contains("unknown", table.Out, StringComparison.Ordinal);
        }

        foreach ((string[] options, string said) in ((string[], string)[])
            [
                (["s", "--max-distance", "41..50"], "of 41..50 nothing is known"),
                (["s", "--max-distance", "30..20"], "'30..20' is not a range"),
                (["s", "--max-distance", "64"], "'64' is not a range"),
                (["s", "--max-distance", "1..2..3"], "'1..2..3' is not a range"),
                (["s", "--max-distance", "20", "--days", "0"], "--days must be 1 to 366"),
                (["nobody", "--max-distance", "20"], "nobody"),
            ])
        {
            ToolResult refused = await tool.RunAsync(Cancellation, ["lists", "simulate", .. options]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        }
    }

    private static MatchEvent Event(string verdict, string list, string id, uint distance, DateTimeOffset at) => new()
    {
        Time = Timestamp.FromDateTimeOffset(at),
        VerdictId = verdict,
        Match = new Match { List = list, ExternalId = id, Type = HashType.Pdq, Distance = distance },
    };

    private static (int? Verdicts, int? Ids) At(JsonElement document, int threshold)
    {
        JsonElement row = document.GetProperty("thresholds").EnumerateArray()
            .Single(each => each.GetProperty("max_distance").GetInt32() == threshold);
        return (Number(row.GetProperty("verdicts")), Number(row.GetProperty("external_ids")));
    }

    private static int? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
}
