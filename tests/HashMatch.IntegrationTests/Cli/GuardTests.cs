using HashMatch.IntegrationTests.Server;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>Guards on load through the tool, on a store and through a server.</summary>
public sealed class GuardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_load_that_shrinks_its_list_or_meets_a_canary_needs_force_and_the_log_says_so(bool server)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = server ? await ServedTool.StartAsync(tool, Cancellation) : null;
        tool.Server = served?.Address;
        string canary = Entries.RandomPdq(80);
        string full = tool.Write("full.csv", [.. ListFiles.Csv(1, 120)]);
        string cut = tool.Write("cut.csv", [.. ListFiles.Csv(1, 20)]);
        string met = tool.Write("met.csv", [.. ListFiles.Csv(1, 120), $"pdq,{canary},one-too-many,A1,high,,"]);
        string harmless = tool.Write("harmless.csv", "type,value,external_id", $"pdq,{canary},kitten");
        await GoodAsync(tool, "lists", "load", "l", full);
        await GoodAsync(tool, "lists", "load", "canaries", harmless, "--kind", "canary");

        ToolResult refused = await tool.RunAsync(Cancellation, "lists", "load", "l", cut);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("from 120 to 20 entries", refused.Error, StringComparison.Ordinal);
        refused = await tool.RunAsync(Cancellation, "lists", "load", "l", met);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("one-too-many", refused.Error, StringComparison.Ordinal);
        Assert.Contains("kitten", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(canary, refused.Error + refused.Out, StringComparison.Ordinal);
        refused = await tool.RunAsync(Cancellation, "entries", "add", "l", "--value", canary);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(1, (await tool.ListAsync("l", Cancellation))!.ActiveVersion);

        await GoodAsync(tool, "lists", "load", "l", met, "--force");
        await GoodAsync(tool, "lists", "load", "l", cut, "--force");
        tool.Server = null;
        ToolResult log = await tool.RunAsync(Cancellation, "lists", "show", "l", "--log");
        Assert.Contains("canaries: 1", log.Out, StringComparison.Ordinal);
        Assert.Contains("size", log.Out, StringComparison.Ordinal);

        // A way back is never barred.
        await GoodAsync(tool, "lists", "rollback", "l");
    }

    private static async Task GoodAsync(ToolProcess tool, params string[] args)
    {
        ToolResult result = await tool.RunAsync(Cancellation, args);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
