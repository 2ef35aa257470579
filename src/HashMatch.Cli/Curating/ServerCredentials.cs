using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HashMatch.Cli.Input;
using HashMatch.Matching.Access;

namespace HashMatch.Cli.Curating;

/// <summary>What this tool shows to a server, and whom it takes for one.</summary>
internal sealed record ServerCredentials
{
    /// <summary>None; the system's authorities.</summary>
    public static readonly ServerCredentials None = new();

    private ApiKey? Key { get; init; }

    private X509Certificate2? Certificate { get; init; }

    private X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Those that the options and the environment name.</summary>
    /// <exception cref="FailureException">A file cannot be used.</exception>
    public static async Task<ServerCredentials> ReadAsync(Session session, CancellationToken cancellation) => new()
    {
        Key = await ReadKeyAsync(session, cancellation),
        Certificate = ReadCertificate(session),
        Authorities = ReadAuthorities(session.Value(GlobalOptions.Authority)),
    };

    /// <summary>A handler that shows them with every call.</summary>
    /// <param name="sockets">What sends.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="written">The address as the user wrote it.</param>
    /// <exception cref="FailureException">They need https.</exception>
    public HttpMessageHandler Show(SocketsHttpHandler sockets, Uri server, string written)
    {
        if (server.Scheme != Uri.UriSchemeHttps && (Certificate is not null || Authorities is not null))
        {
            throw new FailureException(new Failure(
                "NEEDS_TLS",
                $"Certificates are shown in TLS, and '{written}' has none.",
                "Write it as https://HOST:PORT."));
        }

        if (server is { IsLoopback: false, Scheme: "http" } && Key is not null)
        {
            throw new FailureException(new Failure(
                "NEEDS_TLS",
                $"A key is not sent in plaintext over a network, to '{written}'.",
                "Write it as https://HOST:PORT, or reach the server through a tunnel."));
        }

        if (Certificate is not null)
        {
            sockets.SslOptions.ClientCertificates = [Certificate];
        }

        if (Authorities is not null)
        {
            sockets.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            sockets.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        }

        return Key is null ? sockets : new KeyHandler(Key) { InnerHandler = sockets };
    }

    private static async Task<ApiKey?> ReadKeyAsync(Session session, CancellationToken cancellation)
    {
        string? path = session.Value(GlobalOptions.KeyFile);
        string? text = session.Surroundings.Variable(GlobalOptions.KeyVariable);
        if (path is not null)
        {
            (text, Failure? failure) = await KeyFiles.ReadApiKeyAsync(path, session.Surroundings, cancellation);
            if (failure is not null)
            {
                throw new FailureException(failure);
            }
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return ApiKey.TryParse(text.Trim(), out ApiKey? key) ? key : throw new FailureException(new Failure(
            "BAD_KEY",
            $"What {(path is null ? GlobalOptions.KeyVariable : $"'{path}'")} holds is no API key.",
            "A key begins with hm_ and has 84 characters; `hashmatch callers add` makes one."));
    }

    private static X509Certificate2? ReadCertificate(Session session)
    {
        string? certificate = session.Value(GlobalOptions.ClientCertificate);
        string? key = session.Value(GlobalOptions.ClientKey);
        if (certificate is null)
        {
            return key is null ? null : throw new FailureException(new Failure(
                "BAD_COMMAND_LINE", "--client-key goes with --client-cert."));
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key ?? certificate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FailureException(new Failure(
                "BAD_CERTIFICATE",
                $"'{certificate}' and its key are not a PEM certificate and its key: {OneLine(e)}"), e);
        }
    }

    private static X509Certificate2Collection? ReadAuthorities(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0
                ? authorities
                : throw new CryptographicException("it holds no certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FailureException(
                new Failure("BAD_CERTIFICATE", $"'{path}' cannot be used: {OneLine(e)}"), e);
        }
    }

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ");

    private sealed class KeyHandler(ApiKey key) : DelegatingHandler
    {
        private readonly string _shown = $"Bearer {key.Reveal()}";

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation("authorization", _shown);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
