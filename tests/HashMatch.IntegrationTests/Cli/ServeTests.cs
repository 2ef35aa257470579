using System.Net.Sockets;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>`hashmatch serve`: the server in the tool's place.</summary>
public sealed class ServeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signal_to_the_tool_reaches_the_server()
    {
        using var tool = new ToolProcess();
        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        ToolProcess.Terminate(served.Process);
        await served.Process.WaitForExitAsync(Cancellation);
        Assert.True(served.Process.ExitCode == 0, served.Said);
        Assert.False(await AnswersAsync(served.Address));
    }

    [Fact]
    public async Task A_kill_of_the_tool_leaves_no_server()
    {
        using var tool = new ToolProcess();
        using ServedTool served = await ServedTool.StartAsync(tool, Cancellation);
        Assert.True(await AnswersAsync(served.Address));
        served.Process.Kill();
        await served.Process.WaitForExitAsync(Cancellation);
        Assert.False(await AnswersAsync(served.Address));
    }

    [Fact]
    public async Task A_setting_that_the_server_refuses_is_its_exit_code()
    {
        using var tool = new ToolProcess();
        ToolResult result = await tool.RunAsync(
            Cancellation, "serve", "--listen", ServedTool.FreeAddress(), "--", "--HashMatch:NoSuchSetting=1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("NoSuchSetting", result.Out + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_shows_the_verdicts_it_promises_and_leaves_nothing_running()
    {
        SkipWithoutSamples();
        using var tool = new ToolProcess();
        string address = ServedTool.FreeAddress();
        ToolResult first = await tool.RunAsync(
            Cancellation, "serve", "--demo", "--exit", "--listen", address, "--listen-json", ServedTool.FreeAddress());
        Assert.True(first.ExitCode == 0, first.Out + first.Error);
        Assert.Contains("EXACT", first.Out, StringComparison.Ordinal);
        Assert.Contains("NEAR", first.Out, StringComparison.Ordinal);
        Assert.Contains("NO_KNOWN_MATCH", first.Out, StringComparison.Ordinal);
        Assert.False(await AnswersAsync(address));

        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "set", "sample", "--enabled", "false")).ExitCode);
        ToolResult changed = await tool.RunAsync(
            Cancellation, "serve", "--demo", "--exit", "--listen", address, "--listen-json", ServedTool.FreeAddress());
        Assert.Equal(1, changed.ExitCode);
    }

    [Fact]
    public async Task The_demo_goes_on_serving_after_its_verdicts()
    {
        SkipWithoutSamples();
        using var tool = new ToolProcess();
        string address = ServedTool.FreeAddress();
        using System.Diagnostics.Process demo = tool.Start(
            "serve", "--demo", "--listen", address, "--listen-json", ServedTool.FreeAddress());
        try
        {
            List<string> said = [];
            while (!said.Exists(line => line.Contains("The service is at", StringComparison.Ordinal)))
            {
                string? line = await demo.StandardOutput.ReadLineAsync(Cancellation);
                Assert.True(line is not null, string.Join('\n', said));
                said.Add(line);
            }

            Assert.Contains(said, line => line.Contains($"process {demo.Id}", StringComparison.Ordinal));
            Assert.True(await AnswersAsync(address));
            ToolProcess.Terminate(demo);
            await demo.WaitForExitAsync(Cancellation);
            Assert.Equal(0, demo.ExitCode);
        }
        finally
        {
            demo.Kill();
        }
    }

    [Fact]
    public async Task The_demo_does_not_take_another_service_for_its_own()
    {
        using var tool = new ToolProcess();
        using var other = new TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        ToolResult result = await tool.RunAsync(
            Cancellation, "serve", "--demo", "--json", "--listen", $"http://{other.LocalEndpoint}");
        Assert.Equal((1, "ADDRESS_IN_USE"), (result.ExitCode, result.Reason));
        Assert.Null(await tool.ListAsync("sample", Cancellation));
    }

    private static void SkipWithoutSamples()
    {
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "hashsets", "sample.csv")))
        {
            Assert.Skip("The tool was built without hashsets/sample.csv.");
        }
    }

    private static async Task<bool> AnswersAsync(string address)
    {
        var uri = new Uri(address);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(uri.Host, uri.Port, Cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
