using Grpc.Net.Client;

namespace HashMatch.Cli.Curating;

/// <summary>The address of a server.</summary>
internal static class Endpoint
{
    // Verdicts and lists are small; a list with thousands of versions still fits.
    private const int MaxReceiveMessageBytes = 64 * 1024 * 1024;

    /// <summary>Opens a channel; nothing is connected before the first call.</summary>
    /// <exception cref="FailureException">Not an http or https address.</exception>
    public static GrpcChannel Open(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FailureException(new Failure(
                "BAD_SERVER_ADDRESS",
                $"'{address}' is not a server's address.",
                "Write it as http://HOST:PORT or https://HOST:PORT (--server or HASHMATCH_SERVER)."));
        }

        return GrpcChannel.ForAddress(uri, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxReceiveMessageBytes,
            HttpHandler = new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(10),
                EnableMultipleHttp2Connections = true,
                KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            },
            DisposeHttpClient = true,
        });
    }
}
