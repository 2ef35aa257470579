using System.Buffers.Binary;
using System.Net.Sockets;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>An h2c connection that only listens, to see which frames the server sends of its own.</summary>
internal sealed class HttpTwoConnection : IDisposable
{
    private const int HeaderBytes = 9;
    private const byte SettingsFrame = 4;
    private const byte PingFrame = 6;
    private const byte GoAwayFrame = 7;
    private const byte Ack = 1;
    private const int SettingBytes = 6;
    private const ushort InitialWindowSize = 4;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Whether GOAWAY has come, and with which error; null before.</summary>
    public uint? GoAway { get; private set; }

    /// <summary>Bytes that a stream may send before the server lets more; null before its settings have come.</summary>
    public uint? StreamWindow { get; private set; }

    /// <summary>Ends with the connection.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public static async Task<HttpTwoConnection> OpenAsync(string address, CancellationToken cancellation)
    {
        var uri = new Uri(address);
        var connection = new HttpTwoConnection();
        await connection._socket.ConnectAsync(uri.Host, uri.Port, cancellation);
        byte[] hello = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];
        await connection._socket.SendAsync(hello, cancellation);
        connection.Ended = connection.ReadAsync(cancellation);
        return connection;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync(CancellationToken cancellation)
    {
        await using var stream = new NetworkStream(_socket);
        byte[] header = new byte[HeaderBytes];
        try
        {
            while (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellation)
                == HeaderBytes)
            {
                byte[] payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
                await stream.ReadExactlyAsync(payload, cancellation);
                if (header[3] == GoAwayFrame)
                {
                    GoAway = BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4));
                }
                else if (header[3] == SettingsFrame && header[4] != Ack)
                {
                    // RFC 9113, 6.9.2: what is not said is 65,535.
                    StreamWindow = 65_535;
                    for (int at = 0; at < payload.Length; at += SettingBytes)
                    {
                        StreamWindow = BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at)) == InitialWindowSize
                            ? BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(at + 2))
                            : StreamWindow;
                    }
                }

                if (header[3] is SettingsFrame or PingFrame && header[4] != Ack)
                {
                    byte[] kept = header[3] == PingFrame ? payload : [];
                    await stream.WriteAsync(
                        new byte[] { 0, 0, (byte)kept.Length, header[3], Ack, 0, 0, 0, 0 }, cancellation);
                    await stream.WriteAsync(kept, cancellation);
                }
            }
        }
        catch (IOException)
        {
            // Closed under the read.
        }
    }
}
