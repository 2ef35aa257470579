using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;

namespace HashMatch.FaultTests.Serving;

/// <summary>A server in this process that lists are loaded through before the tested one starts.</summary>
internal static class EmptyServer
{
    /// <summary>Starts it over a store that may have no list, and waits until its index is loaded.</summary>
    public static async Task<RunningServer> StartAsync(string store, CancellationToken cancellation)
    {
        RunningServer server = await RunningServer.StartAsync(store, cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await server.VersionsAsync(cancellation);
                    return true;
                }
                catch (RpcException e) when (Statuses.ReasonOf(e) == "INDEX_NOT_READY")
                {
                    return false;
                }
            },
            "the index is loaded", cancellation);
        return server;
    }
}
