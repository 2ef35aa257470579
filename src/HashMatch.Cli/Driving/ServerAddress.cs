using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace HashMatch.Cli.Driving;

/// <summary>Where a server serves gRPC: h2c, TLS, or a socket in the file system.</summary>
/// <param name="Text">http://HOST:PORT, https://HOST:PORT or unix:PATH.</param>
/// <param name="Authority">A PEM file of the authority that signed its certificate; null for the system's.</param>
internal sealed record ServerAddress(string Text, string? Authority = null)
{
    private const string SocketScheme = "unix:";

    /// <summary>What requests are addressed to.</summary>
    public Uri Uri => new(Socket is null ? Text : "http://localhost");

    private string? Socket => Text.StartsWith(SocketScheme, StringComparison.Ordinal)
        ? Text[SocketScheme.Length..]
        : null;

    /// <summary>Whether it is written as one.</summary>
    public static bool IsOne(string text) => text.StartsWith(SocketScheme, StringComparison.Ordinal)
        ? text.Length > SocketScheme.Length
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https";

    /// <summary>A connection of its own; connected by its first call.</summary>
    public SocketsHttpHandler Open()
    {
        var handler = new SocketsHttpHandler
        {
            // More calls than a connection takes get one of their own.
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        };
        if (Socket is { } path)
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        if (Authority is { } file)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(file) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            };
        }

        return handler;
    }
}
