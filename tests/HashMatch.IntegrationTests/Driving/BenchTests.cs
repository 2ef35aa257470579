using System.Text.Json;
using HashMatch.IntegrationTests.Cli;
using Xunit;

namespace HashMatch.IntegrationTests.Driving;

/// <summary>`hashmatch bench`, as whoever sizes a machine runs it.</summary>
public sealed class BenchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_is_told_what_it_holds()
    {
        using var tool = new ToolProcess();
        ToolResult result = await tool.RunAsync(
            Cancellation, "bench", "--seconds", "4", "--entries", "2000", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        using var sizing = JsonDocument.Parse(result.Out);
        JsonElement root = sizing.RootElement;
        Assert.Equal(Environment.ProcessorCount, root.GetProperty("processors").GetInt32());
        Assert.Equal(
            ["512x512 JPEG", "1920x1080 JPEG", "4000x3000 JPEG"],
            root.GetProperty("uploads").EnumerateArray().Select(each => each.GetProperty("what").GetString()));
        Assert.All(root.GetProperty("uploads").EnumerateArray().Append(root.GetProperty("hashes")), each =>
        {
            Assert.True(each.GetProperty("per_second").GetDouble() > 0);
            Assert.True(each.GetProperty("p99_milliseconds").GetDouble() > 0);
        });
        double[] memory = [.. root.GetProperty("memory").EnumerateArray()
            .Select(each => each.GetProperty("bytes").GetDouble())];
        Assert.Equal(memory.Order(), memory);
        // It works on a store of its own and leaves this account's as it was.
        Assert.Empty(Directory.EnumerateFileSystemEntries(tool.Folder.Path));
    }

    [Theory]
    [InlineData("--seconds", "0")]
    [InlineData("--entries", "x")]
    [InlineData("--server", "http://127.0.0.1:1")]
    public async Task Words_that_do_not_go_with_it_are_named(string name, string value)
    {
        using var tool = new ToolProcess();
        ToolResult result = await tool.RunAsync(Cancellation, "bench", name, value);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(name, result.Error, StringComparison.Ordinal);
    }
}
