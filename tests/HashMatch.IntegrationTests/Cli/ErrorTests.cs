using System.Diagnostics;
using System.Text.Json;
using HashMatch.IntegrationTests.Server;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>What goes wrong outside the tool, and what it says about it.</summary>
public sealed class ErrorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using var tool = new ToolProcess();
        tool.Server = ServedTool.FreeAddress();
        string picture = tool.Write("a.png", DrawnPicture.Draw(1));
        string file = tool.Write("a.csv", ListFiles.Csv(1, 10));
        string[][] commands =
        [
            ["lists", "ls"], ["lists", "load", "cases", file], ["match", picture], ["events"],
            ["entries", "rm", "cases", "--value", new string('a', 32)],
        ];
        foreach (string[] command in commands)
        {
            ToolResult result = await tool.RunAsync(Cancellation, command);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"No server answers at {tool.Server}", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pipe_that_nobody_writes_into_is_no_trap()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes among its files.");
        using var tool = new ToolProcess();
        string pipe = tool.Folder["a.fifo"];
        using (Process made = Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync(Cancellation);
        }

        using Process hash = tool.Start("hash", pipe);
        Assert.NotNull(await hash.StandardOutput.ReadLineAsync(Cancellation));
        ToolProcess.Terminate(hash);
        Assert.Equal(143, (await ToolProcess.RunAsync(hash, Cancellation)).ExitCode);
    }

    [Fact]
    public async Task A_store_that_cannot_be_opened_is_said_so()
    {
        using var tool = new ToolProcess();
        string file = tool.Write("a-file", "not a folder");
        ToolResult result = await tool.RunAsync(Cancellation, "lists", "ls", "--store", $"sqlite:{file}", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("STORE_UNAVAILABLE", result.Reason);
    }

    [Fact]
    public async Task A_list_that_does_not_exist_leads_to_the_one_that_was_meant()
    {
        using var tool = new ToolProcess();
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "create", "sample")).ExitCode);
        foreach (string[] command in (string[][])
            [["lists", "show", "sampel"], ["lists", "rollback", "sampel"], ["lists", "rm", "sampel", "--yes"],
             ["lists", "set", "sampel", "--enabled", "false"], ["lists", "load", "sampel", "-", "--no-create"],
             ["lists", "activate", "sampel", "1"], ["lists", "copy", "sampel", "--to", "sqlite:" + tool.Folder["b"]]])
        {
            ToolResult result = await tool.RunAsync(Cancellation, command);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("Did you mean 'sample'?", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_an_active_list_nothing_is_said_to_be_unknown()
    {
        using var tool = new ToolProcess();
        string picture = tool.Write("a.png", DrawnPicture.Draw(1));
        ToolResult local = await tool.RunAsync(Cancellation, "match", picture, "--json");
        Assert.Equal((1, "", "NO_ACTIVE_LISTS"), (local.ExitCode, local.Out, local.Reason));
        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        tool.Server = served.Address;
        ToolResult remote = await tool.RunAsync(Cancellation, "match", picture, "--json");
        Assert.Equal((1, "", "NO_ACTIVE_LISTS"), (remote.ExitCode, remote.Out, remote.Reason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_that_cannot_be_looked_up_are_errors_and_the_others_go_on(bool throughServer)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(tool, Cancellation) : null;
        byte[] known = DrawnPicture.Draw(1);
        string list = tool.Write(
            "a.csv", [.. ListFiles.Csv(1, 10), $"sha256,{ListFiles.Sha256(known)},file-1,,,,"]);
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "load", "cases", list)).ExitCode);
        if (served is not null)
        {
            tool.Server = served.Address;
            await Fixtures.Eventually.TrueAsync(
                async () => (await tool.RunAsync(
                    Cancellation, "match", tool.Write("other.png", DrawnPicture.Draw(2)))).ExitCode == 0,
                "the list is active",
                Cancellation);
        }

        string text = tool.Write("text.jpg", "no picture");
        string broken = tool.Write("broken.png", known[..(known.Length / 2)]);
        string flat = tool.Write("flat.png", DrawnPicture.Flat(64, 64));
        string empty = tool.Write("empty.png", Array.Empty<byte>());
        string[] bad = [text, broken, flat, empty, tool.Folder.Path, tool.Folder["missing.png"]];
        ToolResult none = await tool.RunAsync(Cancellation, ["match", "--json", .. bad]);
        Assert.Equal(1, none.ExitCode);
        Assert.Equal(3, none.JsonLines.Length);
        Assert.All(
            none.JsonLines, line => Assert.Equal("UNHASHABLE", line.GetProperty("outcome").GetString()));
        Assert.Equal(
            ["UNSUPPORTED_FORMAT", "TRUNCATED", "LOW_QUALITY"],
            none.JsonLines.Select(line => line.GetProperty("unhashable_reason").GetString()));
        JsonElement[] errors = [.. none.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("error"))];
        Assert.Equal(
            ["EMPTY_FILE", "IS_A_DIRECTORY", "FILE_NOT_FOUND"],
            errors.Select(error => error.GetProperty("reason").GetString()));
        Assert.Equal(bad[3..], errors.Select(error => error.GetProperty("file").GetString()));

        string match = tool.Write("known.png", known);
        ToolResult one = await tool.RunAsync(Cancellation, ["match", .. bad, match]);
        Assert.Equal(2, one.ExitCode);
        Assert.Contains("EXACT", one.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_is_refused_when_nobody_can_be_asked()
    {
        using var tool = new ToolProcess();
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "create", "cases")).ExitCode);
        ToolResult refused = await tool.RunAsync(Cancellation, "lists", "rm", "cases", "--json");
        Assert.Equal((1, "NOT_CONFIRMED"), (refused.ExitCode, refused.Reason));
        Assert.NotNull(await tool.ListAsync("cases", Cancellation));
    }
}
