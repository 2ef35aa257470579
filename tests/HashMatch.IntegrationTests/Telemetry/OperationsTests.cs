using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Exchanges;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Stores;
using HashMatch.Server.Telemetry;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>The dashboard, the alert rules and their explanations fit the server, and one another.</summary>
public sealed partial class OperationsTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Root(), "src", "HashMatch.Server", "Operations");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_metric_that_a_dashboard_or_an_alert_names_is_one_of_a_running_server()
    {
        string[] named =
        [
            .. new[] { "grafana-dashboard.json", "alerts.yaml", "alerts.test.yaml" }
                .SelectMany(file => MetricName().Matches(Read(file)).Select(name => name.Value))
                .Where(name => !name.EndsWith('_'))
                .Distinct().Order(StringComparer.Ordinal),
        ];
        Assert.True(named.Length > 40, "the files name few metrics");
        // Faults that are counted have no series before the first: of counters it is enough that the server has them.
        var counters = new ConcurrentBag<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == ServerMetrics.MeterName
                    && instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal))
                {
                    counters.Add($"{instrument.Name.Replace('.', '_')}_total");
                }
            },
        };
        listener.Start();
        string store = $"sqlite:{_folder["data"]}";
        await AddExchangeAsync(store);
        string hash = Entries.RandomPdq(1);
        await using (RunningServer filling = await RunningServer.StartReadyAsync(store, Cancellation))
        {
            await filling.CreateAsync(
                "plain", new V1.Policy { DurableEvents = true }, [Entries.Pdq(hash, "a")], Cancellation);
        }

        using ServerProgram program = await ServerProgram.StartReadyAsync(
            store, Cancellation,
            "--HashMatch:Quarantine:MinMatches=2", "--HashMatch:Quarantine:Ratio=2",
            "--HashMatch:Exchanges:away:Username=user", "--HashMatch:Exchanges:away:Password=word",
            "--HashMatch:ExchangeLimits:Attempts=1", "--HashMatch:ExchangeLimits:PollInterval=00:00:01",
            $"--HashMatch:Snapshot:Folder={_folder["saved"]}", "--HashMatch:Snapshot:AllowPlaintext=true");
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        var matching = new V1.Matching.MatchingClient(channel);
        await matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) }, cancellationToken: Cancellation);
        for (int i = 0; i < 50; i++)
        {
            await matching.MatchHashesAsync(
                new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = hash } } },
                cancellationToken: Cancellation);
        }

        await Assert.ThrowsAsync<RpcException>(async () => await matching.MatchAsync(
            new V1.MatchRequest(), cancellationToken: Cancellation));
        string[] missing = named;
        // An exchange and a flood take some seconds; what is missing after many of them is said by name.
        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(
            async () =>
            {
                PrometheusText seen = await PrometheusText.ReadAsync(program.Addresses[1], Cancellation);
                missing = [.. named.Where(name => !seen.Names.Contains(name) && !counters.Contains(name))];
                return missing.Length == 0 || clock.Elapsed > TimeSpan.FromSeconds(30);
            },
            "all metrics are there", Cancellation);
        Assert.True(missing.Length == 0, string.Join(", ", missing));
    }

    [Fact]
    public void Every_alert_is_explained_and_nothing_else_is()
    {
        string[] alerts = [.. AlertName().Matches(Read("alerts.yaml")).Select(alert => alert.Groups[1].Value)];
        string[] explained = [.. AlertHeading().Matches(Read("README.md")).Select(head => head.Groups[1].Value)];
        Assert.NotEmpty(alerts);
        Assert.Equal(alerts.Order(StringComparer.Ordinal), explained.Order(StringComparer.Ordinal));
        // What the text names in passing is there too.
        Assert.Empty(AnyAlert().Matches(Read("README.md")).Select(name => name.Value).Except(alerts));
        Assert.Empty(AnyAlert().Matches(Read("alerts.test.yaml")).Select(name => name.Value).Except(alerts));
    }

    [Theory]
    [InlineData("check", "rules", "alerts.yaml")]
    [InlineData("test", "rules", "alerts.test.yaml")]
    public async Task Promtool_accepts_the_rules_and_their_tests_pass(params string[] arguments)
    {
        string promtool = Prerequisites.RequireProgram("promtool", "prometheus");
        (int code, string output) = await RunAsync(promtool, arguments);
        Assert.True(code == 0, output);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prometheus_reads_every_query_of_the_dashboard()
    {
        string promtool = Prerequisites.RequireProgram("promtool", "prometheus");
        // As rules, with what Grafana fills in.
        string[] queries =
        [
            .. Panels().SelectMany(panel => panel.TryGetProperty("targets", out JsonElement targets)
                ? targets.EnumerateArray().Select(target => target.GetProperty("expr").GetString()!)
                : []),
        ];
        Assert.True(queries.Length > 50, "the dashboard asks little");
        string file = _folder["queries.yaml"];
        await File.WriteAllLinesAsync(
            file,
            [
                "groups:", "- name: dashboard", "  rules:",
                .. queries.SelectMany((query, i) => new[]
                {
                    $"  - record: query:{i}",
                    $"    expr: {JsonSerializer.Serialize(query
                        .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
                        .Replace("$instance", ".*", StringComparison.Ordinal)
                        .Replace("$job", "hashmatch", StringComparison.Ordinal))}",
                }),
            ],
            Cancellation);
        (int code, string output) = await RunAsync(promtool, ["check", "rules", file]);
        Assert.True(code == 0, output);
        Assert.Contains($"{queries.Length} rules found", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_dashboards_panels_have_titles_places_and_queries()
    {
        JsonElement[] panels = [.. Panels()];
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        List<(int Left, int Top, int Right, int Bottom)> places = [];
        foreach (JsonElement panel in panels)
        {
            string title = panel.GetProperty("title").GetString()!;
            Assert.False(string.IsNullOrWhiteSpace(title));
            JsonElement place = panel.GetProperty("gridPos");
            (int x, int y) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32());
            (int w, int h) = (place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
            Assert.InRange(x + w, 1, 24);
            Assert.True(
                places.TrueForAll(p => x >= p.Right || x + w <= p.Left || y >= p.Bottom || y + h <= p.Top),
                $"{title} lies over another panel");
            places.Add((x, y, x + w, y + h));
            if (panel.GetProperty("type").GetString() != "row")
            {
                Assert.Equal("prometheus", panel.GetProperty("datasource").GetProperty("type").GetString());
                Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray());
            }
        }
    }

    private static JsonElement.ArrayEnumerator Panels() =>
        JsonDocument.Parse(Read("grafana-dashboard.json")).RootElement.GetProperty("panels").EnumerateArray();

    private static string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "HashMatch.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not in a clone.");
        }

        return folder;
    }

    private static async Task AddExchangeAsync(string store)
    {
        await using IListStore lists = await ListStores.OpenAsync(store, TimeProvider.System, Cancellation);
        Assert.Null(await new ExchangeCatalog(lists).AddAsync(
            "away",
            new ExchangeDefinition
            {
                Kind = ExchangeKind.Ncmec,
                List = "fetched",
                BaseUrl = $"http://127.0.0.1:{FreePorts.Take()}",
            },
            Cancellation));
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync(Cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output + await error);
    }

    [GeneratedRegex(@"\b(?:hashmatch|dotnet|kestrel)_[a-z0-9_]+\b")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^### (HashMatch\w+)", RegexOptions.Multiline)]
    private static partial Regex AlertHeading();

    [GeneratedRegex(@"\bHashMatch[A-Z]\w+(?!\.)\b")]
    private static partial Regex AnyAlert();
}
