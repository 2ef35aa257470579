using System.Diagnostics;
using System.Globalization;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;

namespace HashMatch.FaultTests.Redis;

/// <summary>
/// A redis-server in a network namespace of its own, behind a bridge in another one. Its port of the bridge is taken
/// out: frames of both directions are gone, those of new connections too, and nobody is told.
/// </summary>
internal sealed class PartitionedRedis : IAsyncDisposable
{
    private const int Port = 6379;
    private static int _made;

    private readonly string _id = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.ProcessId % 100_000:x}{Interlocked.Increment(ref _made):x}");

    private readonly TemporaryFolder _folder = new();
    private readonly string _network = string.Create(
        CultureInfo.InvariantCulture, $"10.{Random.Shared.Next(200, 255)}.{Random.Shared.Next(256)}.");

    private ServerProcess? _redis;

    private PartitionedRedis()
    {
    }

    /// <summary>A store's address.</summary>
    public string Address => $"redis:{Host}:{Port}";

    private string Host => _network + "2";

    private string Own => $"hm{_id}";

    private string Middle => $"hm{_id}b";

    private string Far => $"hm{_id}r";

    /// <summary>Starts it; skips the test where namespaces cannot be made, in CI too: it takes root and a kernel that
    /// has bridges.</summary>
    public static async Task<PartitionedRedis> StartAsync(CancellationToken cancellation)
    {
        string server = Prerequisites.RequireRedisServer();
        var made = new PartitionedRedis();
        try
        {
            if (await made.ConnectAsync(cancellation) is { } problem)
            {
                Assert.Skip($"No network namespaces: {problem}");
            }

            made._redis = ServerProcess.Start("ip",
            [
                "netns", "exec", made.Far, server, "--port", $"{Port}", "--bind", made.Host,
                "--protected-mode", "no", "--dir", made._folder.Path, "--save", "", "--appendonly", "yes",
            ]);
            await Eventually.TrueAsync(
                () => made._redis.Output.Contains("Ready to accept", StringComparison.Ordinal),
                "redis-server is ready", cancellation);
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cuts it off.</summary>
    public Task CutAsync(CancellationToken cancellation) => MustAsync(
        cancellation, "-n", Middle, "link", "set", "far", "nomaster");

    /// <summary>Connects it again.</summary>
    public Task MendAsync(CancellationToken cancellation) => MustAsync(
        cancellation, "-n", Middle, "link", "set", "far", "master", "bridge");

    public async ValueTask DisposeAsync()
    {
        _redis?.Dispose();
        foreach (string[] gone in (string[][])[["link", "del", Own], ["netns", "del", Far], ["netns", "del", Middle]])
        {
            await RunAsync(CancellationToken.None, gone);
        }

        _folder.Dispose();
    }

    private async Task<string?> ConnectAsync(CancellationToken cancellation)
    {
        string[] steps =
        [
            $"netns add {Middle}", $"netns add {Far}",
            $"link add {Own} type veth peer name near netns {Middle}",
            $"-n {Middle} link add far type veth peer name eth0 netns {Far}",
            $"-n {Middle} link add bridge type bridge",
            $"-n {Middle} link set near master bridge", $"-n {Middle} link set far master bridge",
            $"-n {Middle} link set near up", $"-n {Middle} link set far up", $"-n {Middle} link set bridge up",
            $"addr add {_network}1/30 dev {Own}", $"link set {Own} up",
            $"-n {Far} addr add {Host}/30 dev eth0", $"-n {Far} link set eth0 up",
        ];
        foreach (string step in steps)
        {
            if (await RunAsync(cancellation, step.Split(' ')) is { } problem)
            {
                return $"`ip {step}`: {problem}";
            }
        }

        return null;
    }

    private static async Task MustAsync(CancellationToken cancellation, params string[] arguments) =>
        Assert.Null(await RunAsync(cancellation, arguments));

    // Null when it did what it was told.
    private static async Task<string?> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        try
        {
            using Process ip = Process.Start(
                new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            string said = await ip.StandardError.ReadToEndAsync(cancellation);
            await ip.WaitForExitAsync(cancellation);
            return ip.ExitCode == 0 ? null : said.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
