namespace HashMatch.Server.Configuration;

/// <summary>Where the server listens.</summary>
/// <param name="Grpc">gRPC over HTTP/2; JSON too when it is TLS, where ALPN tells them apart.</param>
/// <param name="Json">JSON and plain health over HTTP/1.1; null for none of its own.</param>
/// <param name="Metrics">Metrics and plain health over HTTP/1.1; null: metrics are where JSON is.</param>
public sealed record ServerEndpoints(ServerEndpoint Grpc, ServerEndpoint? Json, ServerEndpoint? Metrics)
{
    /// <summary>Reads and checks the addresses.</summary>
    /// <exception cref="ConfigurationException">An address is bad, lacks its certificate, or would put uploads on a
    /// network in plaintext.</exception>
    public static ServerEndpoints From(ServerOptions options)
    {
        bool tls = options.Tls is not null;
        ServerEndpoint grpc = ServerEndpoint.Parse(
            "HashMatch:Listen", options.Listen ?? (tls ? ServerOptions.DefaultTlsListen : ServerOptions.DefaultListen));
        if (tls && !grpc.IsTls && grpc.SocketPath is null)
        {
            throw new ConfigurationException(
                $"HashMatch:Listen is '{options.Listen}' although HashMatch:Tls is set; write https://");
        }

        string json = options.ListenJson ?? (tls ? "" : ServerOptions.DefaultListenJson);
        var endpoints = new ServerEndpoints(
            grpc,
            json.Length == 0 ? null : ServerEndpoint.Parse("HashMatch:ListenJson", json),
            options.ListenMetrics is { Length: > 0 } own
                ? ServerEndpoint.Parse("HashMatch:ListenMetrics", own)
                : null);
        Check("HashMatch:Listen", grpc, options);
        if (endpoints.Json is { } asJson)
        {
            Check("HashMatch:ListenJson", asJson, options);
        }

        if (endpoints.Metrics is { } metrics)
        {
            Check("HashMatch:ListenMetrics", metrics, options);
        }

        return endpoints;
    }

    private static void Check(string setting, ServerEndpoint endpoint, ServerOptions options)
    {
        if (endpoint.IsTls && options.Tls is null)
        {
            throw new ConfigurationException($"{setting} is https:// but HashMatch:Tls:CertificatePath is not set");
        }

        if (!endpoint.IsTls && !endpoint.IsLoopback && !options.AllowPlaintext)
        {
            throw new ConfigurationException(
                $"{setting} would serve plaintext on {endpoint.Host}, which other machines reach: set "
                + "HashMatch:Tls:CertificatePath and KeyPath, or HashMatch:AllowPlaintext=true behind a proxy "
                + "that ends TLS");
        }
    }
}
