using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace HashMatch.Load.Redis;

/// <summary>A redis-server over a temporary folder; both go when it is disposed.</summary>
internal sealed class LocalRedis : IAsyncDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hashmatch-redis");
    private readonly int _port;
    private readonly Process _process;

    private LocalRedis(string sync)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            _port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        string server = Environment.GetEnvironmentVariable("HASHMATCH_REDIS_SERVER") ?? "redis-server";
        var start = new ProcessStartInfo(server,
        [
            "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "",
            "--dir", _folder.FullName, "--appendonly", "yes", "--appendfsync", sync, "--loglevel", "warning",
        ])
        {
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{server} did not start.");
    }

    /// <summary>A store's address.</summary>
    public string Address => $"redis:127.0.0.1:{_port}";

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<LocalRedis> StartAsync(string sync, CancellationToken cancellation)
    {
        var redis = new LocalRedis(sync);
        while (true)
        {
            try
            {
                await redis.UsedBytesAsync(cancellation);
                return redis;
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellation);
            }
        }
    }

    /// <summary>Its `used_memory`.</summary>
    public Task<long> UsedBytesAsync(CancellationToken cancellation) =>
        ReadAsync("memory", "used_memory", cancellation);

    /// <summary>Bytes that it has sent to all clients since its start.</summary>
    public Task<long> SentBytesAsync(CancellationToken cancellation) =>
        ReadAsync("stats", "total_net_output_bytes", cancellation);

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public void Pause() => _ = Signal(_process.Id, Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => _ = Signal(_process.Id, Continue);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<long> ReadAsync(string section, string name, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, cancellation);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"INFO {section}\r\n"), cancellation);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith($"{name}:", StringComparison.Ordinal))
            {
                return long.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidOperationException($"redis-server does not tell its {name}.");
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
