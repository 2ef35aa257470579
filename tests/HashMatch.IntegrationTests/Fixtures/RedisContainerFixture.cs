using System.Net.Sockets;
using Testcontainers.Redis;
using Xunit;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>Redis's own image in a container, where a container engine runs; else the test is skipped.</summary>
public sealed class RedisContainerFixture : IAsyncDisposable
{
    // The oldest server that RedisListStore says it works with would do; this is what compose.yaml runs.
    private const string Image = "redis:7-alpine";

    private RedisContainer? _container;

    /// <summary>Its configuration for a client, after its keys were dropped.</summary>
    public async Task<string> EmptyAsync(CancellationToken cancellation)
    {
        if (_container is null)
        {
            await RequireEngineAsync(cancellation);
            _container = new RedisBuilder(Image).Build();
            await _container.StartAsync(cancellation);
        }
        await _container.ExecAsync(["redis-cli", "FLUSHALL"], cancellation);
        return _container.GetConnectionString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
            await _container.DisposeAsync();
    }

    private static async Task RequireEngineAsync(CancellationToken cancellation)
    {
        string host = Environment.GetEnvironmentVariable("DOCKER_HOST") ?? "unix:///var/run/docker.sock";
        if (!Uri.TryCreate(host, UriKind.Absolute, out Uri? address) || address.Scheme is not ("unix" or "tcp"))
            Assert.Skip($"No container engine: DOCKER_HOST is {host}.");
        using Socket socket = address.Scheme == "unix"
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Scheme == "unix")
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.AbsolutePath), cancellation);
            else
                await socket.ConnectAsync(address.Host, address.Port, cancellation);
        }
        catch (SocketException e)
        {
            Assert.Skip($"No container engine answers at {host}: {e.Message}.");
        }
    }
}
