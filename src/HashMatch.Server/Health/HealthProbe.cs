using System.Net;
using System.Security.Cryptography.X509Certificates;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Health;

/// <summary>
/// `--health-check [URL]`: asks a running server whether it is ready, for a container's health check.
/// </summary>
public static class HealthProbe
{
    /// <summary>The argument that asks for it.</summary>
    public const string Argument = "--health-check";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>0 when the server is ready, 1 when it is not or does not answer.</summary>
    /// <param name="arguments">A URL such as http://127.0.0.1:50080; none: where the settings say.</param>
    /// <exception cref="ConfigurationException">The settings are bad.</exception>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var configuration = new ConfigurationManager();
        bool isGiven = arguments is [var first, ..] && !first.StartsWith('-');
        ServerSettings.AddSources(configuration, isGiven ? arguments[1..] : arguments);
        ServerOptions options = ServerSettings.Read(configuration);
        string address = isGiven ? arguments[0] : AddressOf(options);
        using var handler = new HttpClientHandler();
        if (options.Tls is { } tls)
        {
            // Asked at a loopback address, where its name does not fit: it must be the very certificate.
            using X509Certificate2 own = ServerCertificate.Load(tls).Certificate;
            byte[] expected = own.RawData;
            handler.ServerCertificateCustomValidationCallback =
                (_, certificate, _, _) =>
                    certificate is not null && certificate.RawData.AsSpan().SequenceEqual(expected);
        }

        using var client = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(
                new Uri(address.TrimEnd('/') + PlainHealth.ReadyPath));
            bool isReady = response.StatusCode == HttpStatusCode.OK;
            await Console.Out.WriteLineAsync(isReady ? "ready" : $"not ready: {(int)response.StatusCode}");
            return isReady ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"{address} does not answer: {e.Message}");
            return 1;
        }
    }

    private static string AddressOf(ServerOptions options)
    {
        ServerEndpoints endpoints = ServerEndpoints.From(options);
        ServerEndpoint asked = endpoints.Json ?? endpoints.Grpc;
        if (endpoints.Json is null && !endpoints.Grpc.IsTls)
        {
            throw new ConfigurationException("a health check needs HashMatch:ListenJson, or a URL");
        }

        string host = asked.IsAny ? "127.0.0.1" : asked.Host;
        host = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return $"{(asked.IsTls ? "https" : "http")}://{host}:{asked.Port}";
    }
}
