using System.Diagnostics;
using System.Text.Json;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>What becomes of a list file, good or bad, on the store and through a server.</summary>
public sealed class LoadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_with_bad_lines_is_refused_whole_and_leaves_nothing(bool throughServer)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(tool, Cancellation) : null;
        tool.Server = served?.Address;
        string file = tool.Write("bad.csv", [
            .. ListFiles.Csv(1, 10), "pdq,xyz,,,,,", "", "pdq," + new string('0', 64) + ",,,,,",
            "sha3," + new string('a', 64) + ",,,,,",
        ]);
        ToolResult people = await tool.RunAsync(Cancellation, "lists", "load", "cases", file);
        Assert.Equal(1, people.ExitCode);
        Assert.Contains("bad.csv:12: ", people.Error, StringComparison.Ordinal);
        Assert.Contains("bad.csv:14: ", people.Error, StringComparison.Ordinal);
        Assert.Contains("3 bad lines", people.Error, StringComparison.Ordinal);
        Assert.Null(await tool.ListAsync("cases", Cancellation));

        ToolResult programs = await tool.RunAsync(Cancellation, "lists", "load", "cases", file, "--json");
        Assert.Equal(1, programs.ExitCode);
        Assert.Equal("BAD_LINES", programs.Reason);
        JsonElement error = JsonDocument.Parse(programs.Error).RootElement.GetProperty("error");
        Assert.Equal(3, error.GetProperty("error_count").GetInt32());
        Assert.Equal(
            [12, 14, 15],
            error.GetProperty("errors").EnumerateArray().Select(item => item.GetProperty("line").GetInt32()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bad_lines_are_left_out_and_counted_on_request(bool throughServer)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(tool, Cancellation) : null;
        tool.Server = served?.Address;
        string file = tool.Write("bad.csv", [.. ListFiles.Csv(1, 10), "pdq,xyz,,,,,", .. ListFiles.Csv(1, 3).Skip(1)]);
        ToolResult load =
            await tool.RunAsync(Cancellation, "lists", "load", "cases", file, "--skip-invalid", "--json");
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal(1, load.Json.GetProperty("error_count").GetInt32());
        Assert.Equal(12, load.Json.GetProperty("errors")[0].GetProperty("line").GetInt32());
        ListVersion version = (await tool.ListAsync("cases", Cancellation))!.Versions[0];
        Assert.Equal((10, 3, 1), (version.Entries.Pdq, version.Duplicates, version.Skipped));
    }

    [Fact]
    public async Task A_text_file_is_told_by_its_lengths_and_the_type_asked_for()
    {
        using var tool = new ToolProcess();
        string file = tool.Write(
            "hashes.txt", new string('a', 32), new string('b', 40), ListFiles.Hashes(1, 1)[0].ToString());
        ToolResult load = await tool.RunAsync(
            Cancellation, "lists", "load", "cases", file, "--type", "sha256", "--format", "text", "--json");
        Assert.True(load.ExitCode == 0, load.Error);
        EntryCounts counts = (await tool.ListAsync("cases", Cancellation))!.Versions[0].Entries;
        Assert.Equal((0, 1, 1, 1), (counts.Pdq, counts.Md5, counts.Sha1, counts.Sha256));
    }

    [Fact]
    public async Task A_policy_that_the_list_does_not_have_is_not_passed_over()
    {
        using var tool = new ToolProcess();
        string file = tool.Write("a.csv", ListFiles.Csv(1, 10));
        Assert.Equal(0, (await tool.RunAsync(
            Cancellation, "lists", "load", "cases", file, "--action", "review")).ExitCode);
        Assert.Equal(0, (await tool.RunAsync(
            Cancellation, "lists", "load", "cases", file, "--action", "review")).ExitCode);
        ToolResult other = await tool.RunAsync(
            Cancellation, "lists", "load", "cases", file, "--action", "block", "--json");
        Assert.Equal(1, other.ExitCode);
        Assert.Equal("POLICY_DIFFERS", other.Reason);
        Assert.Equal(2, (await tool.ListAsync("cases", Cancellation))!.ActiveVersion);
    }

    [Fact]
    public async Task Of_two_loads_the_one_that_began_before_the_other_was_active_loses()
    {
        using var tool = new ToolProcess();
        using Process slow = tool.Start("lists", "load", "cases", "-", "--json");
        await slow.StandardInput.WriteLineAsync(ListFiles.Header);
        await slow.StandardInput.FlushAsync(Cancellation);
        await Eventually.TrueAsync(
            async () => await tool.ListAsync("cases", Cancellation) is not null, "the list is there", Cancellation);
        string file = tool.Write("fast.csv", ListFiles.Csv(1, 10));
        ToolResult fast = await tool.RunAsync(Cancellation, "lists", "load", "cases", file);
        Assert.True(fast.ExitCode == 0, fast.Error);
        foreach (string line in ListFiles.Csv(2, 20).Skip(1))
        {
            await slow.StandardInput.WriteLineAsync(line);
        }

        ToolResult lost = await ToolProcess.RunAsync(slow, Cancellation);
        Assert.Equal(1, lost.ExitCode);
        Assert.Equal("LOST_RACE", lost.Reason);
        HashList list = (await tool.ListAsync("cases", Cancellation))!;
        ListVersion active = list.Versions.Single(version => version.Number == list.ActiveVersion);
        Assert.Equal(10, active.Entries.Total);
        Assert.Contains(list.Versions, version => version is { State: VersionState.Staged, Entries.Total: 20 });
    }

    [Fact]
    public async Task Loads_that_race_end_with_the_whole_content_of_one_that_won()
    {
        using var tool = new ToolProcess();
        const int Loads = 4;
        string[] files = [.. Enumerable.Range(0, Loads).Select(i =>
            tool.Write($"{i}.csv", ListFiles.Csv(i, 1000 + i)))];
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "create", "cases")).ExitCode);
        ToolResult[] results = await Task.WhenAll(files.Select(file =>
            tool.RunAsync(Cancellation, "lists", "load", "cases", file, "--json")));
        Assert.All(results, result => Assert.True(
            result.ExitCode == 0 || result.Reason == "LOST_RACE", result.Error));
        long[] won = [.. results.Where(result => result.ExitCode == 0).Select(result =>
            result.Json.GetProperty("version").GetProperty("entries").GetProperty("pdq").GetInt64())];
        Assert.NotEmpty(won);
        HashList list = (await tool.ListAsync("cases", Cancellation))!;
        Assert.Contains(list.Versions.Single(version => version.Number == list.ActiveVersion).Entries.Total, won);
        Assert.Equal(Loads, list.Versions.Count);
    }

    [Theory]
    [InlineData(false, 130)]
    [InlineData(true, 143)]
    public async Task An_interrupted_load_leaves_nothing(bool terminate, int exit)
    {
        using var tool = new ToolProcess();
        using Process load = tool.Start("lists", "load", "cases", "-");
        Task<string> error = load.StandardError.ReadToEndAsync(Cancellation);
        foreach (string line in ListFiles.Csv(1, 5000))
        {
            await load.StandardInput.WriteLineAsync(line);
        }

        await load.StandardInput.FlushAsync(Cancellation);
        await Eventually.TrueAsync(
            async () => await tool.ListAsync("cases", Cancellation) is not null, "the list is there", Cancellation);
        if (terminate)
        {
            ToolProcess.Terminate(load);
        }
        else
        {
            ToolProcess.Interrupt(load);
        }

        // Standard input stays open: the load must not wait for it.
        try
        {
            await Eventually.TrueAsync(() => load.HasExited, "the load ends", Cancellation);
        }
        finally
        {
            load.Kill();
        }

        Assert.True(load.ExitCode == exit, $"{load.ExitCode}\n{await error}");
        Assert.DoesNotContain("   at ", await error, StringComparison.Ordinal);
        Assert.Null(await tool.ListAsync("cases", Cancellation));
    }
}
