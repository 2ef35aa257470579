using System.Net.Sockets;
using Grpc.Net.Client;

namespace HashMatch.Cli.Curating;

/// <summary>The address of a server.</summary>
internal static class Endpoint
{
    private const string SocketScheme = "unix:";

    // Verdicts and lists are small; a list with thousands of versions still fits.
    private const int MaxReceiveMessageBytes = 64 * 1024 * 1024;

    // A socket in the file system has no name to be called by, and lets nobody in from elsewhere.
    private static readonly Uri SocketUri = new("http://localhost");

    /// <summary>Opens a channel; nothing is connected before the first call.</summary>
    /// <param name="address">http://HOST:PORT, https://HOST:PORT or unix:/PATH.</param>
    /// <param name="credentials">What is shown to the server with every call.</param>
    /// <exception cref="FailureException">Not such an address, or none for these credentials.</exception>
    public static GrpcChannel Open(string address, ServerCredentials credentials)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
        };
        Uri? uri;
        if (address.StartsWith(SocketScheme, StringComparison.Ordinal))
        {
            UnixDomainSocketEndPoint socket = SocketOf(address[SocketScheme.Length..])
                ?? throw new FailureException(Bad(address));
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(socket, cancellation);
            uri = SocketUri;
        }
        else if (!Uri.TryCreate(address, UriKind.Absolute, out uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FailureException(Bad(address));
        }

        return GrpcChannel.ForAddress(uri, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxReceiveMessageBytes,
            HttpHandler = credentials.Show(handler, uri, address),
            DisposeHttpClient = true,
        });
    }

    private static Failure Bad(string address) => new(
        "BAD_SERVER_ADDRESS",
        $"'{address}' is not a server's address.",
        "Write it as http://HOST:PORT, https://HOST:PORT or unix:/PATH (--server or HASHMATCH_SERVER).");

    // Null for a path that is not from the root, or longer than a socket's may be.
    private static UnixDomainSocketEndPoint? SocketOf(string path)
    {
        try
        {
            return Path.IsPathRooted(path) ? new UnixDomainSocketEndPoint(path) : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(
        UnixDomainSocketEndPoint server, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(server, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            socket.Dispose();
            // Of a path without a file the system's words are those for an address of a network.
            throw new SocketException((int)e.SocketErrorCode, "there is no such socket");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
