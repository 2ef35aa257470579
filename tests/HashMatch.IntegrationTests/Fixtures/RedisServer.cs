using System.Globalization;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>
/// A real redis-server of one's own on loopback: a free port, a temporary folder, an append-only file that outlives
/// <see cref="Stop"/> and <see cref="Kill"/>.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string _path;
    private readonly string[] _settings;
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _process;

    private RedisServer(string path, string[] settings)
    {
        _path = path;
        _settings = settings;
    }

    public int Port { get; private set; }

    /// <summary>The port of a cluster's own messages; used when the settings switch the cluster on.</summary>
    public int BusPort { get; private set; }

    /// <summary>A store's address.</summary>
    public string Address => $"redis:127.0.0.1:{Port}";

    /// <summary>The last lines of its log.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Starts a server; skips or fails the test when none is installed.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="settings">More of redis.conf, as `--name`, `value`, ...</param>
    public static async Task<RedisServer> StartAsync(CancellationToken cancellation, params string[] settings)
    {
        var server = new RedisServer(Prerequisites.RequireRedisServer(), settings);
        try
        {
            // Another process may take a port between looking for a free one and using it.
            for (int attempt = 1; ; attempt++)
            {
                (server.Port, server.BusPort) = (FreePorts.Take(), FreePorts.Take());
                if (await server.TryStartAsync(cancellation))
                    return server;
                if (attempt == 5)
                    throw new InvalidOperationException("redis-server does not start: " + server.Output);
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again where it was, with what it had written, and waits until it answers.</summary>
    public async Task Start(CancellationToken cancellation)
    {
        if (!await TryStartAsync(cancellation))
            throw new InvalidOperationException("redis-server does not start again: " + Output);
    }

    /// <summary>SIGTERM: it ends in good order.</summary>
    public void Stop() => _process?.Stop();

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process?.Kill();

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public void Pause() => _process?.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => _process?.Resume();

    /// <summary>Sends one command, past every client of ours.</summary>
    public Task<string> SendAsync(CancellationToken cancellation, params string[] command) =>
        RedisConsole.SendAsync(Port, cancellation, command);

    /// <summary>Waits until it is a replica that is in step with its master, and the master knows.</summary>
    public Task FollowsAsync(CancellationToken cancellation) => Eventually.TrueAsync(
        async () =>
        {
            string[] own = (await SendAsync(cancellation, "INFO", "replication"))
                .Split('\n', StringSplitOptions.TrimEntries);
            const string PortField = "master_port:";
            if (!own.Contains("master_link_status:up")
                || Array.Find(own, line => line.StartsWith(PortField, StringComparison.Ordinal)) is not { } master)
            {
                return false;
            }

            // The link is up a moment before the master waits for this replica's word.
            string info = await RedisConsole.SendAsync(
                int.Parse(master.AsSpan(PortField.Length), CultureInfo.InvariantCulture),
                cancellation,
                "INFO",
                "replication");
            return info.Split('\n').Any(line =>
                line.Contains($"port={Port},state=online", StringComparison.Ordinal));
        },
        "the replica follows its master",
        cancellation);

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> TryStartAsync(CancellationToken cancellation)
    {
        _process?.Dispose();
        string[] clusterSettings = _settings.Contains("--cluster-enabled")
            ? ["--cluster-port", BusPort.ToString(CultureInfo.InvariantCulture)]
            : [];
        _process = ServerProcess.Start(_path,
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder.Path,
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", .. clusterSettings, .. _settings,
        ]);
        ServerProcess process = _process;
        bool answers = false;
        await Eventually.TrueAsync(
            async () => process.HasExited || (answers = await AnswersAsync(cancellation)),
            "redis-server answers", cancellation);
        return answers;
    }

    // An error is an answer too (a password is asked for), but not while it loads its file.
    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await SendAsync(cancellation, "PING");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (InvalidOperationException e)
        {
            return !e.Message.StartsWith("LOADING", StringComparison.Ordinal);
        }
    }
}
