using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>
/// One command to one server over Redis's own protocol, as redis-cli would send it: no topology, no retries, no cache.
/// </summary>
public static class RedisConsole
{
    /// <summary>Sends a command and returns its reply as text: elements of arrays a line each, "" for nil.</summary>
    /// <exception cref="IOException">No connection, or it was cut.</exception>
    /// <exception cref="InvalidOperationException">The server answered with an error.</exception>
    public static async Task<string> SendAsync(int port, CancellationToken cancellation, params string[] command)
    {
        using var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
        }
        catch (SocketException e)
        {
            throw new IOException($"No server at port {port}.", e);
        }
        NetworkStream stream = client.GetStream();
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (string part in command)
        {
            request.Append(
                CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancellation);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await ReadReplyAsync(reader, cancellation);
    }

    private static async Task<string> ReadReplyAsync(StreamReader reader, CancellationToken cancellation)
    {
        string line = await reader.ReadLineAsync(cancellation) ?? throw new IOException("The server hung up.");
        string rest = line[1..];
        switch (line[0])
        {
            case '-':
                throw new InvalidOperationException(rest);
            case '$' when rest == "-1":
                return "";
            case '$':
                char[] text = new char[int.Parse(rest, CultureInfo.InvariantCulture) + 2];
                await reader.ReadBlockAsync(text, cancellation);
                return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text, 0, text.Length - 2));
            case '*':
                var elements = new List<string>();
                for (int i = int.Parse(rest, CultureInfo.InvariantCulture); i > 0; i--)
                    elements.Add(await ReadReplyAsync(reader, cancellation));
                return string.Join('\n', elements);
            default:
                return rest;
        }
    }
}
