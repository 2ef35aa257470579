using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace HashMatch.Server.Configuration;

/// <summary>Sockets in the file system: who may connect is said by their mode.</summary>
internal static class FileSockets
{
    /// <summary>
    /// A socket for an address, before it listens: until then nobody can connect. What a server that was killed left in
    /// its place is taken away.
    /// </summary>
    public static Socket Bind(EndPoint endpoint, ServerOptions options)
    {
        if (endpoint is not UnixDomainSocketEndPoint)
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }

        string path = endpoint.ToString()!;
        if (File.Exists(path) && IsDead(endpoint))
        {
            File.Delete(path);
        }

        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (!OperatingSystem.IsWindows())
        {
            int mode = options.SocketMode.Aggregate(0, (sum, digit) => (sum * 8) + digit - '0');
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }

        return socket;
    }

    // A file that is no socket refuses a connection too, and stays.
    private static bool IsDead(EndPoint endpoint)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(endpoint);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused
                && new FileInfo(endpoint.ToString()!).Length == 0;
        }
    }
}
