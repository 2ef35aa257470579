using System.Diagnostics;
using System.Text.Json;
using HashMatch.Exchanges;
using HashMatch.IntegrationTests.Cli;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>`hashmatch exchanges` as the program that it is, killed as it likes.</summary>
public sealed class ExchangeToolTests(ITestOutputHelper output)
{
    private const int Kills = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_at_random_pages_leave_what_a_clean_run_leaves_in_sqlite()
    {
        using ToolProcess tool = new();
        await KillAsync(tool, ExchangeKind.Ncmec);
    }

    [Fact]
    public async Task Kills_at_random_pages_leave_what_a_clean_run_leaves_in_redis()
    {
        await using RedisServer server = await RedisServer.StartAsync(Token);
        using ToolProcess tool = new(server.Address);
        await KillAsync(tool, ExchangeKind.StopNcii);
    }

    [Fact]
    public async Task An_exchange_is_added_shown_changed_and_removed()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.Tat, Token);
        using ToolProcess tool = new();
        Configure(tool);
        player.Put(1, true, ExchangeBench.Md5(1));
        await RunAsync(tool, 0, "exchanges", "add", "my-tat", "--kind", "tat", "--url", player.Address);
        await RunAsync(tool, 1, "exchanges", "add", "my-tat", "--kind", "tat");
        await RunAsync(tool, 1, "exchanges", "add", "other", "--kind", "threatexchange");
        await RunAsync(tool, 1, "exchanges", "add", "other", "--kind", "tat", "--url", "http://exchange.example/");
        ToolResult refused = await RunAsync(tool, 1, "exchanges", "ls", "--server", "http://127.0.0.1:1");
        Assert.Contains("store", refused.Error, StringComparison.Ordinal);
        ToolResult synced = await RunAsync(tool, 0, "exchanges", "sync", "my-tat", "--json");
        Assert.Equal(1, Json(synced).GetProperty("run").GetProperty("entries").GetInt64());
        await RunAsync(tool, 0, "exchanges", "set", "my-tat", "--enabled", "false");
        JsonElement status = Json(await RunAsync(tool, 0, "exchanges", "status", "my-tat", "--json"))
            .GetProperty("exchanges")[0];
        Assert.False(status.GetProperty("enabled").GetBoolean());
        Assert.Equal("IN_STEP", status.GetProperty("state").GetString());
        ToolResult feedback = await RunAsync(tool, 1, "exchanges", "feedback", "my-tat", "--external-id", "1");
        Assert.Contains("no feedback", feedback.Error, StringComparison.Ordinal);
        ToolResult shown = await RunAsync(tool, 0, "exchanges", "status");
        Assert.DoesNotContain(ExchangePlayer.Secret, shown.Out, StringComparison.Ordinal);
        await RunAsync(tool, 0, "exchanges", "rm", "my-tat");
        await RunAsync(tool, 1, "exchanges", "sync", "my-tat");
        Assert.NotNull(await tool.ListAsync("my-tat", Token));
    }

    [Fact]
    public async Task Credentials_come_from_a_file_that_others_cannot_read()
    {
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(ExchangeKind.ThreatExchange, Token);
        using ToolProcess tool = new();
        string file = tool.Write("te.credentials", $"# ours\nAccessToken = {ExchangePlayer.Secret}");
        tool.Set("HASHMATCH__EXCHANGES__TE__CREDENTIALSFILE", file);
        player.Put(1, true, ExchangeBench.Md5(1));
        await RunAsync(
            tool, 0, "exchanges", "add", "te", "--kind", "threatexchange", "--group", "5", "--url", player.Address);
        SetMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        ToolResult refused = await RunAsync(tool, 1, "exchanges", "sync", "te");
        Assert.Contains("te.credentials", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(ExchangePlayer.Secret, refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, player.Requests);
        SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await RunAsync(tool, 0, "exchanges", "sync", "te");
        foreach (string stored in Directory.EnumerateFiles(tool.Folder["store"]))
        {
            byte[] bytes = await File.ReadAllBytesAsync(stored, Token);
            Assert.Equal(-1, bytes.AsSpan().IndexOf("s3cret-of"u8));
        }
    }

    private async Task KillAsync(ToolProcess tool, ExchangeKind kind)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using ExchangePlayer player = await ExchangePlayer.StartAsync(kind, Token);
        Configure(tool);
        await RunAsync(
            tool, 0, "exchanges", "add", "x", "--kind", kind.ToString(), "--url", player.Address, "--list", "l");
        foreach (int i in Enumerable.Range(0, 43))
        {
            player.Put(i, random.Next(5) > 0, ExchangeBench.Md5(i));
        }

        for (int kill = 0; kill < Kills; kill++)
        {
            int last = player.Requests + random.Next(1, 6);

            // At the request, or a random moment after it, when pages are kept and versions made.
            TimeSpan moment = TimeSpan.FromMilliseconds(random.Next(2) * random.Next(120));
            using Process process = tool.Start("exchanges", "sync", "x");
            process.StandardInput.Close();
            _ = process.StandardOutput.ReadToEndAsync(Token);
            _ = process.StandardError.ReadToEndAsync(Token);
            player.Asked = number =>
            {
                if (number == last)
                {
                    _ = Task.Delay(moment, Token).ContinueWith(
                        _ => process.Kill(), Token, default, TaskScheduler.Default);
                }
            };
            await process.WaitForExitAsync(Token);
            output.WriteLine($"kill {kill} {moment.TotalMilliseconds} ms after request {last}: "
                + $"{player.Requests} requests, exit code {process.ExitCode}");
            if (process.ExitCode == 0)
            {
                int gone = random.Next(43);
                player.Put(gone, false, ExchangeBench.Md5(gone));
            }
        }

        player.Asked = _ => { };
        await RunAsync(tool, 0, "exchanges", "sync", "x");
        await using IListStore store = await ListStores.OpenAsync(tool.Store, TimeProvider.System, Token);
        ExchangeBench bench = new(store, player);
        Assert.Equal(player.Live(), await bench.ValuesAsync());
        Assert.InRange(player.Requests, 9, 9 + (3 * Kills) + 3);
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such modes");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static void Configure(ToolProcess tool)
    {
        tool.Set("HASHMATCH__EXCHANGELIMITS__BASEDELAY", "00:00:00");
        foreach (string name in (string[])["X", "MY_TAT"])
        {
            tool.Set($"HASHMATCH__EXCHANGES__{name}__USERNAME", "user");
            foreach (string secret in (string[])["PASSWORD", "SUBSCRIPTIONKEY", "FUNCTIONKEY"])
            {
                tool.Set($"HASHMATCH__EXCHANGES__{name}__{secret}", ExchangePlayer.Secret);
            }
        }
    }

    private static async Task<ToolResult> RunAsync(ToolProcess tool, int exitCode, params string[] args)
    {
        ToolResult result = await tool.RunAsync(Token, args);
        Assert.True(result.ExitCode == exitCode, $"{string.Join(' ', args)}: {result.Out}{result.Error}");
        return result;
    }

    private static JsonElement Json(ToolResult result) => JsonDocument.Parse(result.Out).RootElement;
}
