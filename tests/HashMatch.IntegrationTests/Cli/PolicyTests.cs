using System.Text.Json;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>The tool's policy, on a store and through a server.</summary>
public sealed class PolicyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kinds_samples_and_expiries_go_both_ways_and_mistakes_are_named()
    {
        using var tool = new ToolProcess();
        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        foreach (string[] way in (string[][])[[], ["--server", served.Address]])
        {
            string name = way.Length == 0 ? "a" : "b";
            ToolResult created = await tool.RunAsync(Cancellation, [
                "lists", "create", name, "--kind", "negative", "--suppresses", "y,x", "--sample-percent", "40",
                "--expires", "2027-01-31T12:00:00Z", "--json", .. way]);
            Assert.True(created.ExitCode == 0, created.Error);
            JsonElement policy = created.Json.GetProperty("policy");
            Assert.Equal(("NEGATIVE", 40, "2027-01-31T12:00:00+00:00"), (
                policy.GetProperty("kind").GetString(),
                policy.GetProperty("sample_percent").GetInt32(),
                policy.GetProperty("expires_at").GetString()));
            Assert.Equal(["x", "y"], Names(policy));
            Assert.False(policy.GetProperty("durable_events").GetBoolean());

            ToolResult set = await tool.RunAsync(Cancellation, [
                "lists", "set", name, "--suppresses", "all", "--expires", "never", "--durable-events", "true",
                "--json", .. way]);
            Assert.True(set.ExitCode == 0, set.Error);
            policy = set.Json.GetProperty("policy");
            Assert.Empty(Names(policy));
            Assert.True(policy.GetProperty("durable_events").GetBoolean());
            Assert.Equal(JsonValueKind.Null, policy.GetProperty("expires_at").ValueKind);
            Assert.Equal(40, policy.GetProperty("sample_percent").GetInt32());

            Assert.Equal(0, (await tool.RunAsync(
                Cancellation, ["lists", "set", name, "--expires", "2020-01-01", .. way])).ExitCode);
            ToolResult ls = await tool.RunAsync(Cancellation, ["lists", "ls", .. way]);
            Assert.Contains("EXPIRED", ls.Out, StringComparison.Ordinal);
            Assert.Contains("NEGATIVE", ls.Out, StringComparison.Ordinal);
        }

        foreach ((string[] options, string said) in ((string[], string)[])
            [
                (["--kind", "match", "--suppresses", "x"], "suppresses is for negative lists"),
                (["--sample-percent", "101"], "sample-percent must be 0 to 100"),
                (["--kind", "benign"], "match, negative or canary"),
                (["--expires", "soon"], "is not a time"),
            ])
        {
            ToolResult refused = await tool.RunAsync(Cancellation, ["lists", "create", "c", .. options]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_list_made_of_what_users_submitted_asks_for_review_unless_something_else_is_said()
    {
        using var tool = new ToolProcess();
        string file = tool.Write("stopncii.json", """
            {"count":1,"hasMoreRecords":false,"hashRecords":[{"lastModtimestamp":1,"signalType":"ImagePDQ",
            """ + $"\"hashValue\":\"{Entries.RandomPdq(77)}\"" + """
            ,"hashStatus":"Active","caseNumbers":{}}]}
            """);
        ToolResult load = await tool.RunAsync(Cancellation, "lists", "load", "users", file);
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal("REVIEW", await ActionOfAsync(tool, "users"));
        Assert.Equal(0, (await tool.RunAsync(
            Cancellation, "lists", "load", "strict", file, "--action", "block")).ExitCode);
        Assert.Equal("BLOCK", await ActionOfAsync(tool, "strict"));
        await tool.RunAsync(Cancellation, "lists", "set", "users", "--action", "block");
        load = await tool.RunAsync(Cancellation, "lists", "load", "users", file);
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal("BLOCK", await ActionOfAsync(tool, "users"));

        // Categories without a region say as little.
        string vics = tool.Write("vics.json", """
            {"value":[{"MediaID":1,"Category":1,"MD5":"0123456789abcdef0123456789abcdef"}]}
            """);
        load = await tool.RunAsync(Cancellation, "lists", "load", "somewhere", vics);
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal("REVIEW", await ActionOfAsync(tool, "somewhere"));
        load = await tool.RunAsync(Cancellation, "lists", "load", "us", vics, "--categories", "VIC_US");
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal("BLOCK", await ActionOfAsync(tool, "us"));
    }

    [Fact]
    public async Task A_suppressed_match_is_shown_to_whoever_has_the_store()
    {
        using var tool = new ToolProcess();
        byte[] picture = DrawnPicture.Draw(5);
        tool.Write("picture.png", picture);
        string digest = ListFiles.Sha256(picture);
        string file = tool.Write("list.csv", "type,value,external_id", $"sha256,{digest},case");
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "load", "cases", file)).ExitCode);
        Assert.Equal(2, (await tool.RunAsync(Cancellation, "match", "picture.png")).ExitCode);
        Assert.Equal(0, (await tool.RunAsync(
            Cancellation, "lists", "load", "harmless", file, "--kind", "negative")).ExitCode);
        ToolResult json = await tool.RunAsync(Cancellation, "match", "picture.png", "--json");
        Assert.Equal(0, json.ExitCode);
        JsonElement suppressed = Assert.Single(json.JsonLines).GetProperty("suppressed")[0];
        Assert.Equal(("cases", "harmless"), (
            suppressed.GetProperty("match").GetProperty("list").GetString(),
            suppressed.GetProperty("by").GetProperty("list").GetString()));
        ToolResult said = await tool.RunAsync(Cancellation, "match", "picture.png");
        Assert.Contains("is suppressed by harmless/1", said.Error, StringComparison.Ordinal);
        ToolResult kind = await tool.RunAsync(Cancellation, "lists", "set", "cases", "--kind", "negative");
        Assert.Equal(1, kind.ExitCode);
        Assert.Contains("cannot change", kind.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_in_quarantine_are_listed_and_released_both_ways()
    {
        using var tool = new ToolProcess();
        string hash = Entries.RandomPdq(78);
        string other = Entries.RandomPdq(79);
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "create", "l")).ExitCode);
        await using (IListStore store = await ListStores.OpenAsync(tool.Store, TimeProvider.System, Cancellation))
        {
            var catalog = new ListCatalog(store, TimeProvider.System);
            HashList list = (await catalog.ReadAsync("l", Cancellation)).Value!;
            Assert.True((await catalog.QuarantineAsync(
                "l",
                list.Id,
                [
                    new QuarantinedEntry($"pdq:{hash}", DateTimeOffset.UnixEpoch, 2000, 1.5),
                    new QuarantinedEntry($"pdq:{other}", DateTimeOffset.UnixEpoch, 3000, 0),
                ],
                Cancellation)).IsOk);
        }

        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        foreach ((string value, string[] way) in ((string, string[])[])
            [(hash, []), (other, ["--server", served.Address])])
        {
            ToolResult ls = await tool.RunAsync(Cancellation, ["quarantine", "ls", .. way]);
            Assert.Contains(value, ls.Out, StringComparison.Ordinal);
            ToolResult json = await tool.RunAsync(Cancellation, ["quarantine", "ls", "--json", .. way]);
            Assert.Contains(
                json.Json.GetProperty("entries").EnumerateArray(),
                each => each.GetProperty("quarantined").GetProperty("value").GetString() == value);
            ToolResult released = await tool.RunAsync(
                Cancellation, ["quarantine", "release", "l", "--value", value, .. way]);
            Assert.True(released.ExitCode == 0, released.Error);
            ToolResult again = await tool.RunAsync(
                Cancellation, ["quarantine", "release", "l", "--value", value, .. way]);
            Assert.Equal(1, again.ExitCode);
            Assert.Contains("not in quarantine", again.Error, StringComparison.Ordinal);
        }

        Assert.Contains(
            "No entry is in quarantine",
            (await tool.RunAsync(Cancellation, "quarantine", "ls")).Error,
            StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Names(JsonElement policy) => policy.GetProperty("suppresses")
        .GetProperty("names").EnumerateArray().Select(each => each.GetString());

    private static async Task<string?> ActionOfAsync(ToolProcess tool, string list) =>
        (await tool.RunAsync(Cancellation, "lists", "show", list, "--json")).Json
        .GetProperty("policy").GetProperty("action").GetString();
}
