using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;

namespace HashMatch.FaultTests.Transport;

/// <summary>
/// A connection that sends whatever bytes it is told to, reads what comes back, and counts the frames of it. A peer
/// that hangs up is no error: it is what a server may do.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;
    // What Kestrel lets a stream send before it must give more room; the connection's comes by its first update.
    private const long StreamWindow = 768 * 1024;

    private readonly int[] _received = new int[256];
    private readonly ConcurrentDictionary<int, long> _windows = new() { [0] = 65_535 };

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>The server has closed, or reset, the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The code of the server's GOAWAY; null before it.</summary>
    public uint? GoAwayCode { get; private set; }

    /// <summary>Code of the last reset stream.</summary>
    public uint? ResetCode { get; private set; }

    /// <summary>Frames of a kind that came.</summary>
    public int Received(byte type) => Volatile.Read(ref _received[type]);

    /// <summary>Connects, and reads in the background unless it is told not to.</summary>
    public static async Task<RawConnection> OpenAsync(
        Uri address, CancellationToken cancellation, bool reads = true)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var connection = new RawConnection(socket);
        if (reads)
        {
            _ = Task.Run(connection.ReadAsync, CancellationToken.None);
        }

        return connection;
    }

    /// <summary>Connects and says what an HTTP/2 client says first.</summary>
    public static async Task<RawConnection> OpenHttp2Async(
        Uri address, CancellationToken cancellation, bool reads = true)
    {
        RawConnection connection = await OpenAsync(address, cancellation, reads);
        // A window that large needs no updates.
        byte[] window = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(window, 0x3FFFFFFF);
        await connection.SendAsync(
            (byte[])
            [
                .. Frames.Preface, .. Frames.Frame(Frames.Settings, 0, 0, []),
                .. Frames.Frame(Frames.WindowUpdate, 0, 0, window),
            ],
            cancellation);
        return connection;
    }

    /// <summary>Sends; returns false when the server has hung up.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
            }

            return !IsClosed;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            IsClosed = true;
            return false;
        }
    }

    /// <summary>Sends a body's bytes as far as the server has given room for them.</summary>
    /// <returns>False when the server has hung up or the stream has no room within the time.</returns>
    public async Task<bool> SendDataAsync(int stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        long Room(int of) => _windows.GetOrAdd(of, StreamWindow);
        while (Math.Min(Room(0), Room(stream)) < bytes.Length)
        {
            if (IsClosed)
            {
                return false;
            }

            await Task.Delay(1, cancellation);
        }

        foreach (int of in (int[])[0, stream])
        {
            _windows.AddOrUpdate(of, -bytes.Length, (_, room) => room - bytes.Length);
        }

        return await SendAsync(Frames.Frame(Frames.Data, 0, stream, bytes.Span), cancellation);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        int held = 0;
        try
        {
            for (int count; (count = await _socket.ReceiveAsync(buffer.AsMemory(held))) > 0;)
            {
                held = Take(buffer, held + count);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed, from either side.
        }

        IsClosed = true;
    }

    // Counts whole frames, and moves what is left to the front. What is no HTTP/2 counts as nothing.
    private int Take(byte[] buffer, int length)
    {
        int at = 0;
        while (length - at >= 9)
        {
            int size = (buffer[at] << 16) | (buffer[at + 1] << 8) | buffer[at + 2];
            if (size > buffer.Length - 9)
            {
                return 0;
            }

            if (length - at < 9 + size)
            {
                break;
            }

            _ = Interlocked.Increment(ref _received[buffer[at + 3]]);
            if (buffer[at + 3] == Frames.GoAway && size >= 8)
            {
                GoAwayCode = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(at + 13));
            }
            else if (buffer[at + 3] == Frames.Reset && size == 4)
            {
                ResetCode = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(at + 9));
            }

            else if (buffer[at + 3] == Frames.WindowUpdate && size == 4)
            {
                int more = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at + 9));
                _windows.AddOrUpdate(
                    BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at + 5)),
                    of => StreamWindow + more, (_, room) => room + more);
            }

            at += 9 + size;
        }

        buffer.AsSpan(at, length - at).CopyTo(buffer);
        return length - at;
    }
}
