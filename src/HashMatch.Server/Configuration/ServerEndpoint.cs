using System.Net;

namespace HashMatch.Server.Configuration;

/// <summary>One address to listen on.</summary>
/// <param name="Host">An IP address, `localhost` or `*`.</param>
/// <param name="Port">0: any free one.</param>
/// <param name="IsTls">https.</param>
public sealed record ServerEndpoint(string Host, int Port, bool IsTls)
{
    /// <summary>Every address of the machine.</summary>
    public const string AnyHost = "*";

    /// <summary>The address to bind; null for `localhost` (both loopbacks) and for `*`.</summary>
    public IPAddress? Address { get; } = IPAddress.TryParse(Host, out IPAddress? address) ? address : null;

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLoopback => Address is null ? Host == "localhost" : IPAddress.IsLoopback(Address);

    /// <summary>Whether every address of the machine is meant.</summary>
    public bool IsAny => Host == AnyHost;

    /// <summary>Reads `http://HOST:PORT` or `https://HOST:PORT`.</summary>
    /// <param name="setting">The setting's name, for the message.</param>
    /// <param name="url">The text.</param>
    /// <exception cref="ConfigurationException">It is neither.</exception>
    public static ServerEndpoint Parse(string setting, string url)
    {
        // Uri takes no '*' and no '+': they stand for every address in ASP.NET's settings.
        string known = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal)
            .Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(known, UriKind.Absolute, out Uri? uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw new ConfigurationException(
                $"{setting} is '{url}'; expected http://HOST:PORT or https://HOST:PORT");
        }

        string host = uri.Host.Trim('[', ']');
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            host = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? AnyHost : host;
        }
        else if (host != "localhost")
        {
            throw new ConfigurationException(
                $"{setting} is '{url}'; its host must be an IP address, localhost or *");
        }

        return new ServerEndpoint(host, uri.Port, uri.Scheme == Uri.UriSchemeHttps);
    }
}
