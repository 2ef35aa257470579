using Grpc.Net.Client;
using HashMatch.Server;
using HashMatch.Server.Replica;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Gate.Cases;

/// <summary>The whole server in this process, on loopback, and a client of it.</summary>
internal sealed class GateServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly WebApplication _server;
    private readonly GrpcChannel _channel;

    private GateServer(WebApplication server)
    {
        _server = server;
        _channel = GrpcChannel.ForAddress(server.Urls.First());
        Client = new V1.Matching.MatchingClient(_channel);
    }

    public V1.Matching.MatchingClient Client { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<GateServer> StartAsync(GateList list)
    {
        WebApplication server = await ServerHost.BuildAsync(
            [
                "--store", await list.StoreAsync(), "--listen", "http://127.0.0.1:0", "--listen-json", "",
                "--HashMatch:Access:Open=true", "--Logging:LogLevel:Default=Error",
            ],
            CancellationToken.None);
        await server.StartAsync();
        IndexReadiness readiness = server.Services.GetRequiredService<IndexReadiness>();
        using var limit = new CancellationTokenSource(StartLimit);
        while (!readiness.IsMatching)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);
        }

        return new GateServer(server);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _server.StopAsync().GetAwaiter().GetResult();
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
