using System.Xml.Linq;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Load.Drive;
using HashMatch.Load.Words;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Driving;

/// <summary>`HashMatch.Load -- drive` from its words to its results.</summary>
public sealed class DriveTests : IDisposable
{
    // Short ones: what is measured is not looked at.
    private static readonly string[] Short =
    [
        "--seconds", "0.2", "--warm-up", "0", "--rounds", "2", "--entries", "500", "--in-flight", "2",
        "--set", "HashMatch:Images:Timeout=00:02:00",
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("h2c", "unary")]
    [InlineData("tls", "upload")]
    [InlineData("unix", "stream")]
    public async Task A_server_is_started_driven_and_its_results_are_written(string transport, string method)
    {
        if (transport == "unix" && !OperatingSystem.IsLinux())
        {
            Assert.Skip("Linux only");
        }

        (int code, string output, string error) = await RunAsync(
        [
            "drive", "160x120", "240x160:png", "160x120=3,hashes:50=1", "hashes:100", .. Short,
            "--transport", transport, "--method", method, "--connections", "2", "--hit-rate", "0.1",
            "--loads", "0.2,0.4", "--results", _folder["results"], "--goals",
        ]);
        Assert.True(code == LoadTool.Right, error + output);
        Assert.Contains("160x120:jpeg, A: 20 of 20 checked calls were right", error, StringComparison.Ordinal);

        string json = await File.ReadAllTextAsync(Path.Combine(_folder["results"], "results.json"), Cancellation);
        var results = DriveResults.FromJson(json);
        Assert.Equal(json, results.ToJson());
        Assert.Equal(Environment.ProcessorCount, results.Machine.Processors);
        Assert.Contains('+', results.Build);
        Assert.Equal(results.Build, results.Builds["A"]);
        Assert.Equal(method, results.Settings.Method.ToString(), ignoreCase: true);
        // Four cases, each in a closed loop and at two loads, twice.
        Assert.Equal(12, results.Figures.Count);
        Assert.Equal(24, results.Phases.Count);
        Assert.All(results.Figures, each => Assert.True(each.PerSecond > 0, each.Case));
        Assert.All(results.Phases, each => Assert.Equal((0, 0), (each.Wrong, each.Failed)));
        Assert.Equal("MatchHashes, hashes/s", Assert.Single(results.Goals).What);

        Assert.Equal(ResultTable.Of(results), await File.ReadAllTextAsync(
            Path.Combine(_folder["results"], "results.md"), Cancellation));
        Assert.Contains("| 160x120:jpeg |", output, StringComparison.Ordinal);
        string[] plots = [.. Directory.EnumerateFiles(_folder["results"], "*.svg").Select(Path.GetFileName)!];
        Assert.Contains("throughput.svg", plots);
        Assert.Contains("latency-160x120-jpeg.svg", plots);
        Assert.All(plots, plot => Assert.Equal(
            "svg", XDocument.Load(Path.Combine(_folder["results"], plot)).Root!.Name.LocalName));
    }

    [Fact]
    public async Task Two_services_are_measured_in_turn_and_compared()
    {
        (string list, byte[][] _) = await ListAsync();
        await using RunningServer server = await ServerWithAsync(File.ReadLines(list));
        await using RunningServer other = await ServerWithAsync(File.ReadLines(list));
        (int code, string output, string error) = await RunAsync(
        [
            "drive", "160x120", .. Short, "--a", server.Address, "--b", other.Address, "--listed", "--loads", "0.3",
            "--results", _folder["results"],
        ]);
        Assert.True(code == LoadTool.Right, error + output);
        var results = DriveResults.FromJson(
            await File.ReadAllTextAsync(Path.Combine(_folder["results"], "results.json"), Cancellation));
        Assert.Equal("ABABABAB", string.Concat(results.Phases.Select(phase => phase.Target)));
        Assert.Equal(
            ["uploads/s", "p50 at 0.3 load", "p99 at 0.3 load"], results.Comparisons.Select(each => each.What));
        Assert.All(results.Comparisons, each => Assert.True(each.Ratio.Low < each.Ratio.High));
        // Both get the same calls at the same moments.
        PhaseFigures[] open = [.. results.Phases.Where(phase => phase.Load is not null)];
        Assert.Equal(open[0].OfferedPerSecond, open[1].OfferedPerSecond);
        Assert.Equal(open[0].Answered, open[1].Answered);
        Assert.Contains("95% interval", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_service_is_measured_beside_this_one()
    {
        (string list, byte[][] listed) = await ListAsync();
        await using RunningServer server = await ServerWithAsync(File.ReadLines(list));
        await using StandInHma hma = await StandInHma.StartAsync(Cancellation);
        Array.ForEach(listed, hma.Add);
        (int code, string output, string error) = await RunAsync(
            ["drive", "160x120", .. Short, "--a", server.Address, "--b", $"hma:{hma.Address}", "--listed"]);
        Assert.True(code == LoadTool.Right, error + output);
        Assert.Contains($"B: hma:{hma.Address}", output, StringComparison.Ordinal);
        Assert.True(hma.Calls > 20, $"{hma.Calls} calls");
    }

    [Fact]
    public async Task A_service_that_does_not_find_what_is_listed_is_an_error()
    {
        await using RunningServer server = await ServerWithAsync([new string('5', 64)]);
        string[] words = ["drive", "160x120", .. Short, "--a", server.Address, "--loads", "0"];
        (int code, string output, _) = await RunAsync([.. words, "--listed"]);
        Assert.Equal(LoadTool.Wrong, code);
        Assert.Contains("4 CALLS FAILED OR WERE ANSWERED WRONGLY", output, StringComparison.Ordinal);
        Assert.Contains("a picture that is listed was NoKnownMatch", output, StringComparison.Ordinal);
        // Unless it is not known what must match.
        (code, output, _) = await RunAsync(words);
        Assert.Equal(LoadTool.Right, code);
        Assert.Contains("what must match was not known", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_an_error()
    {
        (int code, string output, _) = await RunAsync(
            ["drive", "160x120", .. Short, "--a", $"http://127.0.0.1:{FreePorts.Take()}", "--loads", "0"]);
        Assert.Equal(LoadTool.Wrong, code);
        Assert.Contains("refused", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("drive", "Required argument")]
    [InlineData("drive 3x3", "'3x3' has no such case")]
    [InlineData("drive 64x64 --loads fast", "--loads is 'fast'")]
    [InlineData("drive 64x64 --a ftp://x", "--a is 'ftp://x'")]
    [InlineData("drive 64x64 --b gone/HashMatch.Server.dll", "--b is 'gone/HashMatch.Server.dll'")]
    [InlineData("drive 64x64 --method post", "--method is 'post'; expected unary, upload, stream")]
    [InlineData("drive 64x64 --hit-rate 2", "--hit-rate is '2'")]
    [InlineData("drive 64x64 --rounds 0", "--rounds is '0'; expected a number from 1 to 1000")]
    [InlineData("drive 64x64 --sound loud", "--sound")]
    [InlineData("hashes --queries 10001", "--queries is '10001'")]
    [InlineData("hashes --address nowhere", "--address is 'nowhere'")]
    [InlineData("overload --size 1x1", "--size is '1x1'")]
    [InlineData("overload --set Name", "--set is 'Name'; expected NAME=VALUE")]
    [InlineData("broken --mutate", "--mutate goes with --folder")]
    [InlineData("soak --for 1s", "--for is '1s'")]
    [InlineData("redis --sync never", "--sync is 'never'; expected everysec or always")]
    public async Task A_bad_option_is_named(string words, string said)
    {
        (int code, string output, string error) = await RunAsync(
            words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(LoadTool.Misused, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await LoadTool.RunAsync(words, output, TextWriter.Synchronized(error), Cancellation);
        return (code, output.ToString(), error.ToString());
    }

    // The list that a service must hold, and the pictures on it.
    private async Task<(string File, byte[][] Listed)> ListAsync()
    {
        string file = _folder["list.csv"];
        (int code, _, string error) = await RunAsync(["drive", "160x120", .. Short, "--list-to", file]);
        Assert.True(code == LoadTool.Right, error);
        var pool = new ItemPool(new DriveOptions { Entries = 500 });
        LoadPlan plan = pool.Make(LoadCase.Parse("160x120"));
        Assert.Equal(500 + plan.Listed.Count() + 1, File.ReadLines(file).Count());
        return (file, [.. plan.Listed.Select(item => ((PictureItem)item).File)]);
    }

    private async Task<RunningServer> ServerWithAsync(IEnumerable<string> lines)
    {
        RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder[Path.GetRandomFileName()]}", Cancellation, "--HashMatch:AllowEmptyIndex=true");
        V1.Entry[] entries = [.. lines.Select(line => line.Split(',')).Where(cells => cells[0] != "type").Select(
            cells => new V1.Entry { Type = V1.HashType.Pdq, Value = cells.Length == 1 ? cells[0] : cells[1] })];
        await server.CreateAsync("load", null, entries, Cancellation);
        return server;
    }
}
