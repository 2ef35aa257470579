using Grpc.Net.Client;

namespace HashMatch.Cli.Curating;

/// <summary>The address of a server.</summary>
internal static class Endpoint
{
    // Verdicts and lists are small; a list with thousands of versions still fits.
    private const int MaxReceiveMessageBytes = 64 * 1024 * 1024;

    /// <summary>Opens a channel; nothing is connected before the first call.</summary>
    /// <param name="address">http://HOST:PORT or https://HOST:PORT.</param>
    /// <param name="credentials">What is shown to the server with every call.</param>
    /// <exception cref="FailureException">Not an http or https address, or none for these credentials.</exception>
    public static GrpcChannel Open(string address, ServerCredentials credentials)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FailureException(new Failure(
                "BAD_SERVER_ADDRESS",
                $"'{address}' is not a server's address.",
                "Write it as http://HOST:PORT or https://HOST:PORT (--server or HASHMATCH_SERVER)."));
        }

        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
        };
        return GrpcChannel.ForAddress(uri, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxReceiveMessageBytes,
            HttpHandler = credentials.Show(handler, uri),
            DisposeHttpClient = true,
        });
    }
}
