using System.Text.Json;
using HashMatch.IntegrationTests.Server;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>`hashmatch match --when-indeterminate`: what a server could not evaluate, as the tool tells it.</summary>
public sealed class IndeterminateToolTests : IDisposable
{
    private readonly ToolProcess _tool = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task What_was_asked_for_is_told_with_its_reason_and_is_no_match()
    {
        // No list is active.
        await using RunningServer server = await RunningServer.StartReadyAsync(_tool.Store, Cancellation);
        string picture = _tool.Write("picture.png", DrawnPicture.Draw(1));
        foreach (string asked in new[] { "hold", "allow", "review" })
        {
            string[] command = ["match", picture, "--server", server.Address, "--when-indeterminate", asked];
            ToolResult told = await _tool.RunAsync(Cancellation, command);
            string[] row = told.Out.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(
                ["INDETERMINATE", asked.ToUpperInvariant(), "-", "-", "NO_ACTIVE_LISTS", "-", picture], row);
            // ALLOW is what the caller does with it, and not what was found out.
            Assert.Equal(1, told.ExitCode);
            ToolResult json = await _tool.RunAsync(Cancellation, [.. command, "--json"]);
            JsonElement document = JsonDocument.Parse(json.Out).RootElement;
            Assert.Equal(("INDETERMINATE", "NO_ACTIVE_LISTS", asked.ToUpperInvariant(), 26, 1), (
                document.GetProperty("outcome").GetString(),
                document.GetProperty("indeterminate_reason").GetString(),
                document.GetProperty("action").GetString(),
                document.GetProperty("verdict_id").GetString()!.Length,
                json.ExitCode));
        }

        ToolResult silent = await _tool.RunAsync(Cancellation, "match", picture, "--server", server.Address, "--json");
        Assert.Equal((1, "NO_ACTIVE_LISTS"), (silent.ExitCode, silent.Reason));
    }

    [Fact]
    public async Task It_says_what_it_takes_and_that_it_goes_with_a_server()
    {
        string picture = _tool.Write("picture.png", DrawnPicture.Draw(1));
        ToolResult perhaps = await _tool.RunAsync(
            Cancellation,
            "match", picture, "--server", "http://127.0.0.1:1", "--when-indeterminate", "perhaps", "--json");
        Assert.Equal((1, "BAD_COMMAND_LINE"), (perhaps.ExitCode, perhaps.Reason));
        ToolResult alone = await _tool.RunAsync(
            Cancellation, "match", picture, "--when-indeterminate", "hold", "--json");
        Assert.Equal((1, "BAD_COMMAND_LINE"), (alone.ExitCode, alone.Reason));
    }
}
