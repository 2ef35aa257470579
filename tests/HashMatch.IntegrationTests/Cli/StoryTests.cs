using System.Text.Json;
using HashMatch.IntegrationTests.Server;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>A list from its file to a verdict and back again, on the store and through a server.</summary>
public sealed class StoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_is_loaded_matched_replaced_and_rolled_back(bool throughServer)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(tool, Cancellation) : null;
        tool.Server = served?.Address;
        byte[] known = DrawnPicture.Draw(1);
        string knownFile = tool.Write("known.png", known);
        string nearFile = tool.Write("near.png", DrawnPicture.Draw(1, "another file, the same picture"u8.ToArray()));
        string otherFile = tool.Write("other.png", DrawnPicture.Draw(2));
        ToolResult hash = await OkAsync(tool, "hash", "--json", "--fidelity", "reference", knownFile);
        string pdq = hash.Json.GetProperty("hash").GetString()!;
        Assert.Equal(ListFiles.Sha256(known), hash.Json.GetProperty("sha256").GetString());

        ToolResult load = await OkAsync(tool, "lists", "load", "cases", "--action", "review", "--json", tool.Write(
            "first.csv",
            ListFiles.Header,
            $"pdq,{pdq},case-1,A1,high,,a note",
            $"sha256,{ListFiles.Sha256(known)},file-1,,,,",
            $"pdq,{pdq},case-1,A1,high,,the same again"));
        Assert.True(load.Json.GetProperty("created").GetBoolean());
        JsonElement version = load.Json.GetProperty("version");
        Assert.Equal(1, version.GetProperty("version").GetInt64());
        Assert.Equal("ACTIVE", version.GetProperty("state").GetString());
        Assert.Equal(1, version.GetProperty("entries").GetProperty("pdq").GetInt64());
        Assert.Equal(1, version.GetProperty("entries").GetProperty("sha256").GetInt64());
        Assert.Equal(1, version.GetProperty("duplicates").GetInt64());

        await MatchesAsync(tool, knownFile, 2, "EXACT");
        ToolResult near = await MatchesAsync(tool, nearFile, 2, "NEAR");
        JsonElement match = near.Json.GetProperty("matches")[0];
        Assert.Equal("case-1", match.GetProperty("external_id").GetString());
        Assert.Equal("REVIEW", match.GetProperty("action").GetString());
        Assert.InRange(match.GetProperty("distance").GetInt32(), 0, 10);
        await MatchesAsync(tool, otherFile, 0, "NO_KNOWN_MATCH");

        await OkAsync(tool, "lists", "load", "cases", tool.Write("second.csv", ListFiles.Csv(3, 100)));
        await MatchesAsync(tool, nearFile, 0, "NO_KNOWN_MATCH");
        await OkAsync(tool, "lists", "rollback", "cases");
        await MatchesAsync(tool, nearFile, 2, "NEAR");

        await OkAsync(tool, "entries", "rm", "cases", "--value", pdq, "--type", "pdq");
        await MatchesAsync(tool, nearFile, 0, "NO_KNOWN_MATCH");
        await OkAsync(tool, "entries", "add", "cases", "--value", pdq, "--external-id", "case-2");
        await MatchesAsync(tool, nearFile, 2, "NEAR");
        await OkAsync(
            tool, "lists", "set", "cases", "--shadow", "true", "--trim", "false", "--description", "under watch");
        await MatchesAsync(tool, nearFile, 0, "NO_KNOWN_MATCH");

        ToolResult show = await OkAsync(tool, "lists", "show", "cases", "--json");
        Assert.Equal("under watch", show.Json.GetProperty("description").GetString());
        Assert.True(show.Json.GetProperty("policy").GetProperty("shadow").GetBoolean());
        Assert.False(show.Json.GetProperty("policy").GetProperty("trim").GetBoolean());
        Assert.Equal("REVIEW", show.Json.GetProperty("policy").GetProperty("action").GetString());
        await OkAsync(tool, "versions", "rm", "cases", "2", "--yes");
        await OkAsync(tool, "lists", "rm", "cases", "--yes");
        Assert.Equal(0, (await OkAsync(tool, "lists", "ls", "--json")).Json.GetProperty("lists").GetArrayLength());
    }

    [Fact]
    public async Task The_nearest_entries_are_explained_list_by_list_within_threshold_or_not()
    {
        using var tool = new ToolProcess();
        string hash = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));
        string near = "1" + hash[1..];
        string far = string.Concat(Enumerable.Repeat("fedcba9876543210", 4));
        await OkAsync(tool, "lists", "load", "first", "--max-distance", "0", tool.Write(
            "first.csv",
            ListFiles.Header,
            $"pdq,{far},case-far,,,,",
            $"pdq,{near},case-near,A1,high,2020-01-01T00:00:00Z,"));
        string second = tool.Write("second.csv", ListFiles.Header, $"pdq,{near},b,,,,");
        await OkAsync(tool, "lists", "load", "second", second, "--kind", "negative");
        ToolResult explained = await OkAsync(tool, "explain", hash, "--json");
        Assert.Equal(hash, explained.Json.GetProperty("hash").GetString());
        JsonElement[] lists = [.. explained.Json.GetProperty("lists").EnumerateArray()];
        Assert.Equal(["first", "second"], lists.Select(list => list.GetProperty("list").GetString()));
        Assert.Equal(["MATCH", "NEGATIVE"], lists.Select(list => list.GetProperty("kind").GetString()));
        JsonElement[] entries = [.. lists[0].GetProperty("nearest").EnumerateArray()];
        Assert.Equal([1, 256], entries.Select(entry => entry.GetProperty("distance").GetInt32()));
        Assert.Equal("case-near", entries[0].GetProperty("external_id").GetString());
        Assert.Equal("A1", entries[0].GetProperty("classification").GetString());
        Assert.Equal(2020, entries[0].GetProperty("expires_at").GetDateTimeOffset().Year);
        Assert.False(entries[0].GetProperty("within").GetBoolean());
        Assert.True(lists[1].GetProperty("nearest")[0].GetProperty("within").GetBoolean());

        ToolResult table = await OkAsync(tool, "explain", hash, "--nearest", "1", "--list", "first");
        Assert.Contains("case-near", table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("case-far", table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("second/1", table.Out, StringComparison.Ordinal);
        Assert.Contains(near, table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("EXPIRED", table.Out, StringComparison.Ordinal);
        Assert.True(entries[0].GetProperty("expired").GetBoolean());
        await OkAsync(tool, "lists", "set", "first", "--max-distance", "31");
        ToolResult within = await OkAsync(tool, "explain", hash, "--nearest", "1", "--list", "first");
        Assert.Contains("EXPIRED", within.Out, StringComparison.Ordinal);
        ToolResult unknown = await tool.RunAsync(Cancellation, "explain", hash, "--list", "frist");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("Did you mean 'first'?", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_staged_retired_and_activated_by_number()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "create", "cases", "--max-distance", "12");
        ToolResult staged =
            await OkAsync(tool, "lists", "load", "cases", tool.Write("a.csv", ListFiles.Csv(1, 10)), "--no-activate");
        Assert.Contains("hashmatch lists activate cases 1", staged.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await tool.ListAsync("cases", Cancellation))!.ActiveVersion);
        await OkAsync(tool, "lists", "activate", "cases", "1");
        await OkAsync(tool, "lists", "load", "cases", tool.Write("b.csv", ListFiles.Csv(2, 10)), "--no-activate");
        await OkAsync(tool, "lists", "retire", "cases", "2");
        ToolResult refused = await tool.RunAsync(Cancellation, "lists", "activate", "cases", "2", "--json");
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("VERSION_NOT_STAGED", refused.Reason);
        ToolResult log = await OkAsync(tool, "lists", "show", "cases", "--log", "--json");
        Assert.NotEqual(0, log.Json.GetProperty("changes").GetArrayLength());
    }

    [Fact]
    public async Task Lists_are_copied_to_another_store()
    {
        using var tool = new ToolProcess();
        string target = "sqlite:" + tool.Folder["target"];
        await OkAsync(tool, "lists", "load", "one", tool.Write("a.csv", ListFiles.Csv(1, 1000)), "--max-distance", "5");
        await OkAsync(tool, "lists", "load", "two", tool.Write("b.csv", ListFiles.Csv(2, 10)));
        await OkAsync(tool, "lists", "create", "empty");
        await OkAsync(tool, "lists", "copy", "one", "--to", target);
        ToolResult again = await tool.RunAsync(
            Cancellation, "lists", "copy", "one", "--from", tool.Store, "--to", target, "--json");
        Assert.Equal(1, again.ExitCode);
        Assert.Equal("LIST_EXISTS", again.Reason);
        await OkAsync(tool, "lists", "copy", "--all", "--to", target, "--replace");
        ToolResult lists = await OkAsync(tool, "lists", "ls", "--store", target, "--json");
        JsonElement[] copies = [.. lists.Json.GetProperty("lists").EnumerateArray()];
        Assert.Equal(["one", "two"], copies.Select(list => list.GetProperty("name").GetString()));
        Assert.Equal(5, copies[0].GetProperty("policy").GetProperty("max_distance").GetInt32());
        Assert.Equal(
            1000, copies[0].GetProperty("versions")[0].GetProperty("entries").GetProperty("pdq").GetInt64());
    }

    [Fact]
    public async Task A_server_records_events_that_both_ways_show()
    {
        using var tool = new ToolProcess();
        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        byte[] known = DrawnPicture.Draw(1);
        await OkAsync(tool, "lists", "load", "cases", tool.Write(
            "a.csv", ListFiles.Header, $"sha256,{ListFiles.Sha256(known)},file-1,,,,"));
        tool.Server = served.Address;
        await MatchesAsync(tool, tool.Write("known.png", known), 2, "EXACT");
        string?[] ids = [null, null];
        for (int i = 0; i < 2; i++)
        {
            tool.Server = i == 0 ? served.Address : null;
            JsonElement events = default;
            await Fixtures.Eventually.TrueAsync(
                async () =>
                {
                    events = (await OkAsync(tool, "events", "--json")).Json.GetProperty("events");
                    return events.GetArrayLength() > 0;
                },
                "the event is stored",
                Cancellation);
            Assert.Equal("file-1", events[0].GetProperty("match").GetProperty("external_id").GetString());
            Assert.Equal("EXACT", events[0].GetProperty("outcome").GetString());
            ids[i] = events[0].GetProperty("verdict_id").GetString();
        }

        Assert.Equal(ids[0], ids[1]);
    }

    private static async Task<ToolResult> OkAsync(ToolProcess tool, params string[] args)
    {
        ToolResult result = await tool.RunAsync(Cancellation, args);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', args)}: {result.ExitCode}\n{result.Error}");
        return result;
    }

    /// <summary>A server sees a change within 2 seconds, so its verdicts are asked for again until then.</summary>
    private static async Task<ToolResult> MatchesAsync(ToolProcess tool, string file, int exit, string outcome)
    {
        ToolResult result = await tool.RunAsync(Cancellation, "match", "--json", file);
        if (tool.Server is not null)
        {
            await Fixtures.Eventually.TrueAsync(
                async () =>
                {
                    result = await tool.RunAsync(Cancellation, "match", "--json", file);
                    return result.ExitCode == exit;
                },
                $"match exits with {exit}",
                Cancellation);
        }

        Assert.True(result.ExitCode == exit, $"exit {result.ExitCode}\n{result.Out}\n{result.Error}");
        Assert.Equal(outcome, result.Json.GetProperty("outcome").GetString());
        return result;
    }
}
