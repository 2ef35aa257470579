using System.Text.Json;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>`hashmatch audit`, and lists that need two persons, by the tool.</summary>
public sealed class AuditToolTests
{
    private static readonly string Me = "local:" + Environment.UserName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_log_is_shown_signed_exported_and_verified_and_what_is_wrong_is_named()
    {
        using var tool = new ToolProcess();
        string list = tool.Write("list.csv", "type,value", $"pdq,{Entries.RandomPdq(1)}");
        await OkAsync(tool, "lists", "load", "a", list);
        await OkAsync(tool, "lists", "set", "a", "--max-distance", "20");
        JsonElement[] records = [.. (await OkAsync(tool, "audit", "ls", "--json")).Json.GetProperty("records")
            .EnumerateArray()];
        Assert.Equal(
            ["created", "staged", "activated", "updated"],
            records.Select(record => record.GetProperty("action").GetString()));
        Assert.All(records, record => Assert.Equal(Me, record.GetProperty("actor").GetString()));
        Assert.Contains("list:a", (await OkAsync(tool, "audit", "ls", "--list", "a", "--after", "3")).Out,
            StringComparison.Ordinal);

        await OkAsync(tool, "keys", "new", "k");
        ToolResult unsigned = await OkAsync(tool, "audit", "verify");
        Assert.Contains("whole", unsigned.Out, StringComparison.Ordinal);
        Assert.Contains("recorded: 1 version, 1 segment", unsigned.Out, StringComparison.Ordinal);
        ToolResult untrusted = await FailsAsync(tool, "audit", "verify", "--trust", "k.pub");
        Assert.Contains("nothing vouches", untrusted.Error, StringComparison.Ordinal);
        await OkAsync(tool, "audit", "checkpoint", "--key", "k", "--to", "kept.json");
        Assert.Contains("all of it is signed", (await OkAsync(
            tool, "audit", "verify", "--trust", "k.pub", "--checkpoint", "kept.json")).Out, StringComparison.Ordinal);
        await OkAsync(tool, "audit", "export", "--to", "log.jsonl");
        await OkAsync(tool, "audit", "verify", "log.jsonl", "--trust", "k.pub");
        await FailsAsync(tool, "audit", "export", "--to", "log.jsonl");

        string[] lines = await File.ReadAllLinesAsync(tool.Folder["log.jsonl"], Cancellation);
        tool.Write("cut.jsonl", lines[..^1]);
        Assert.Contains("Record 4 is missing", (await FailsAsync(tool, "audit", "verify", "cut.jsonl")).Error,
            StringComparison.Ordinal);
        lines[3] = lines[3].Replace("staged", "staqed", StringComparison.Ordinal);
        tool.Write("bad.jsonl", lines);
        ToolResult bad = await FailsAsync(tool, "audit", "verify", "bad.jsonl", "--trust", "k.pub", "--json");
        Assert.Equal(2, bad.Json.GetProperty("faults")[0].GetProperty("first").GetInt64());
        Assert.False(bad.Json.GetProperty("good").GetBoolean());
    }

    [Fact]
    public async Task A_store_that_was_put_back_to_an_older_copy_is_found_by_a_checkpoint_that_was_kept()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "keys", "new", "k");
        await OkAsync(tool, "lists", "create", "a");
        string store = tool.Folder["store"];
        string copy = tool.Folder["copy"];
        Copy(store, copy);
        await OkAsync(tool, "lists", "create", "b");
        await OkAsync(tool, "audit", "checkpoint", "--key", "k", "--to", "kept.json");
        Directory.Delete(store, recursive: true);
        Copy(copy, store);
        await OkAsync(tool, "audit", "verify");
        Assert.Contains("Record 2 is missing", (await FailsAsync(
            tool, "audit", "verify", "--checkpoint", "kept.json")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_that_was_replaced_in_the_store_is_named_with_its_record_and_what_differs()
    {
        using var tool = new ToolProcess();
        foreach (int seed in (int[])[1, 2])
        {
            await OkAsync(tool, "lists", "load", $"l{seed}", tool.Write(
                $"{seed}.csv", "type,value", $"pdq,{Entries.RandomPdq(seed)}"));
        }

        string own;
        await using (SqliteListStore store = SqliteListStore.Open(tool.Folder["store"], TimeProvider.System))
        {
            ListCatalog catalog = new(store, TimeProvider.System);
            own = (await catalog.ReadAsync("l1", Cancellation)).Value!.Versions[0].ManifestId;
            string other = (await catalog.ReadAsync("l2", Cancellation)).Value!.Versions[0].ManifestId;
            byte[] blob = (await store.ReadBlobAsync("l2", other, Cancellation))!;
            await store.DeleteBlobsAsync("l1", [own], Cancellation);
            await store.WriteBlobAsync("l1", own, blob, Cancellation);
        }

        ToolResult bad = await FailsAsync(tool, "audit", "verify", "--json");
        JsonElement fault = Assert.Single(bad.Json.GetProperty("faults").EnumerateArray());
        Assert.Equal(
            "Version 1 of list:l1 is not what record 3 vouches for: "
            + $"Manifest {own} is not what was written: its SHA-256.",
            fault.GetProperty("what").GetString());
        Assert.Equal(2, bad.Json.GetProperty("content").GetProperty("versions").GetInt64());
    }

    [Fact]
    public async Task Through_a_server_the_log_is_shown_and_not_verified()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "create", "a");
        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        await OkAsync(tool, "lists", "create", "b", "--server", served.Address);
        JsonElement[] records = [.. (await OkAsync(tool, "audit", "ls", "--server", served.Address, "--json")).Json
            .GetProperty("records").EnumerateArray()];
        Assert.Equal(
            [$"{Me} list:a DONE", "anonymous list:b DONE"],
            records.Select(record => string.Join(
                ' ', record.GetProperty("actor"), record.GetProperty("subject"), record.GetProperty("effect"))));
        ToolResult refused = await FailsAsync(tool, "audit", "verify", "--server", served.Address);
        Assert.Contains("--store", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_needs_two_persons_is_not_changed_by_one()
    {
        using var tool = new ToolProcess();
        string list = tool.Write("list.csv", "type,value", $"pdq,{Entries.RandomPdq(5)}");
        ToolResult load = await OkAsync(tool, "lists", "load", "a", list, "--approvals", "1");
        Assert.Contains("waits for approval", load.Out, StringComparison.Ordinal);
        Assert.Contains("SELF_APPROVAL", (await FailsAsync(tool, "lists", "approve", "a", "1", "--json")).Error,
            StringComparison.Ordinal);
        Assert.Contains("NEEDS_APPROVAL", (await FailsAsync(
            tool, "lists", "activate", "a", "1", "--force", "--json")).Error, StringComparison.Ordinal);
        await BobAsync(tool, async bob => Assert.True((await bob.ApproveVersionAsync("a", 1, Cancellation)).IsOk));
        await OkAsync(tool, "lists", "activate", "a", "1");

        Assert.Contains("waits for approval", (await OkAsync(
            tool, "entries", "add", "a", "--value", Entries.RandomPdq(6))).Out, StringComparison.Ordinal);
        ToolResult again = await OkAsync(tool, "lists", "load", "a", list, "--json");
        Assert.False(again.Json.GetProperty("activated").GetBoolean());
        Assert.True(again.Json.GetProperty("waits_for_approval").GetBoolean());
        await OkAsync(tool, "keys", "new", "k");
        await OkAsync(tool, "lists", "export", "a", "--to", "a.hms", "--key", "k");
        Assert.Contains("waits for approval", (await OkAsync(
            tool, "lists", "import", "a.hms", "--trust", "k.pub")).Out, StringComparison.Ordinal);
        Assert.Contains("Proposed", (await OkAsync(tool, "lists", "set", "a", "--approvals", "0")).Out,
            StringComparison.Ordinal);
        Assert.Contains("approvals 1 to 0", (await OkAsync(tool, "lists", "show", "a")).Out, StringComparison.Ordinal);
        Assert.Contains("Proposed", (await OkAsync(tool, "lists", "rm", "a", "--yes")).Out, StringComparison.Ordinal);
        HashList now = (await tool.ListAsync("a", Cancellation))!;
        Assert.Equal((1L, 1), (now.ActiveVersion, now.Policy.Approvals));
        long change = now.Pending!.Revision;
        Assert.Contains("SELF_APPROVAL", (await FailsAsync(
            tool, "lists", "approve", "a", "--change", $"{change}", "--json")).Error, StringComparison.Ordinal);
        await OkAsync(tool, "lists", "reject", "a", $"{change}");
        await BobAsync(tool, async bob => Assert.True((await bob.UpdateAsync(
            "a", new ListUpdate { Approvals = 0 }, Cancellation)).IsOk));
        change = (await tool.ListAsync("a", Cancellation))!.Pending!.Revision;
        await OkAsync(tool, "lists", "approve", "a", "--change", $"{change}");
        await OkAsync(tool, "lists", "rm", "a", "--yes");
        Assert.Null(await tool.ListAsync("a", Cancellation));
        await OkAsync(tool, "audit", "verify");
    }

    private static async Task BobAsync(ToolProcess tool, Func<ListCatalog, Task> work)
    {
        await using IListStore store = await ListStores.OpenAsync(tool.Store, TimeProvider.System, Cancellation);
        await work(new ListCatalog(store, TimeProvider.System).As("bob"));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static async Task<ToolResult> OkAsync(ToolProcess tool, params string[] args)
    {
        ToolResult result = await tool.RunAsync(Cancellation, args);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', args)}: {result.Out}{result.Error}");
        return result;
    }

    private static async Task<ToolResult> FailsAsync(ToolProcess tool, params string[] args)
    {
        ToolResult result = await tool.RunAsync(Cancellation, args);
        Assert.True(result.ExitCode == 1, $"{string.Join(' ', args)}: {result.Out}{result.Error}");
        return result;
    }
}
