using System.Net;
using System.Text;

namespace HashMatch.Server.Configuration;

/// <summary>One address to listen on.</summary>
/// <param name="Host">An IP address, `localhost` or `*`; empty for a socket in the file system.</param>
/// <param name="Port">0: any free one.</param>
/// <param name="IsTls">https.</param>
public sealed record ServerEndpoint(string Host, int Port, bool IsTls)
{
    /// <summary>Every address of the machine.</summary>
    public const string AnyHost = "*";

    /// <summary>What an address in the file system begins with.</summary>
    public const string SocketScheme = "unix:";

    // What the system's own address has room for, on any system.
    private const int MaxSocketPathBytes = 103;

    /// <summary>A socket in the file system; null for an address of the network.</summary>
    public string? SocketPath { get; init; }

    /// <summary>The address to bind; null for `localhost` (both loopbacks) and for `*`.</summary>
    public IPAddress? Address { get; } = IPAddress.TryParse(Host, out IPAddress? address) ? address : null;

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLoopback =>
        SocketPath is not null || (Address is null ? Host == "localhost" : IPAddress.IsLoopback(Address));

    /// <summary>Whether every address of the machine is meant.</summary>
    public bool IsAny => Host == AnyHost;

    /// <summary>Reads `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH`.</summary>
    /// <param name="setting">The setting's name, for the message.</param>
    /// <param name="url">The text.</param>
    /// <exception cref="ConfigurationException">It is none of them.</exception>
    public static ServerEndpoint Parse(string setting, string url)
    {
        if (url.StartsWith(SocketScheme, StringComparison.Ordinal))
        {
            return Socket(setting, url[SocketScheme.Length..]);
        }

        // Uri takes no '*' and no '+': they stand for every address in ASP.NET's settings.
        string known = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal)
            .Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(known, UriKind.Absolute, out Uri? uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw new ConfigurationException(
                $"{setting} is '{url}'; expected http://HOST:PORT, https://HOST:PORT or unix:/PATH");
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

    private static ServerEndpoint Socket(string setting, string path) =>
        Path.IsPathRooted(path) && !path.Contains('\0', StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(path) <= MaxSocketPathBytes
            ? new ServerEndpoint("", 0, IsTls: false) { SocketPath = path }
            : throw new ConfigurationException(
                $"{setting} is 'unix:{path}'; expected unix: and a path from the root, of at most "
                + $"{MaxSocketPathBytes} bytes");
}
