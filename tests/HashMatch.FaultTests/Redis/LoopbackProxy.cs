using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using HashMatch.IntegrationTests.Fixtures;

namespace HashMatch.FaultTests.Redis;

/// <summary>
/// Stands between a client and a server on loopback, and treats what passes as a bad network would. Bytes of a
/// connection are never left out and then followed by others, as TCP never does: a connection that lost some is reset
/// when the fault is mended.
/// </summary>
internal sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    private readonly Task _accepting;
    private volatile ProxyFault _fault;
    private volatile TaskCompletionSource _mended = Done();
    private int _left;

    private LoopbackProxy(int target)
    {
        _target = target;
        Port = FreePorts.Take();
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>A store's address.</summary>
    public string Address => $"redis:127.0.0.1:{Port}";

    /// <summary>How long each part of an answer is held back by <see cref="ProxyFault.Delay"/>.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(20);

    public static LoopbackProxy Before(int port) => new(port);

    /// <summary>Breaks the network, for connections that are there and for new ones.</summary>
    public void Break(ProxyFault fault)
    {
        _left = 100;
        if (_mended.Task.IsCompleted)
        {
            _mended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _fault = fault;
        if (fault is ProxyFault.Reset)
        {
            ResetAll();
        }
    }

    /// <summary>Mends it.</summary>
    public void Mend()
    {
        bool lostBytes = _fault is ProxyFault.Drop or ProxyFault.Truncate or ProxyFault.Garble;
        _fault = ProxyFault.None;
        if (lostBytes)
        {
            ResetAll();
        }

        _mended.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        _mended.TrySetResult();
        ResetAll();
        await _accepting;
        _ended.Dispose();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private void ResetAll()
    {
        foreach (TcpClient client in _clients.Keys)
        {
            Reset(client);
        }
    }

    // RST, not FIN.
    private void Reset(TcpClient client)
    {
        _clients.TryRemove(client, out _);
        // Null once it is disposed.
        Socket? socket = client.Client;
        try
        {
            socket?.LingerState = new LingerOption(true, 0);
            socket?.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        client.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_ended.Token);
                if (_fault == ProxyFault.Reset)
                {
                    Reset(client);
                    continue;
                }

                _clients[client] = true;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
            _clients[server] = true;
            await Task.WhenAny(
                PumpAsync(client.GetStream(), server.GetStream(), isAnswer: false),
                PumpAsync(server.GetStream(), client.GetStream(), isAnswer: true));
        }
        catch (Exception e) when (
            e is IOException or SocketException or OperationCanceledException or ObjectDisposedException
                or InvalidOperationException)
        {
            // Either side is gone.
        }
        finally
        {
            Reset(client);
            Reset(server);
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool isAnswer)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _ended.Token) is > 0 and int bytes)
            {
                if (_fault == ProxyFault.Hold)
                {
                    await _mended.Task;
                }

                if (await PassAsync(buffer.AsMemory(0, bytes), isAnswer) is { Length: > 0 } rest)
                {
                    await to.WriteAsync(rest, _ended.Token);
                }
            }
        }
        catch (Exception e) when (
            e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side is gone.
        }
    }

    private async Task<ReadOnlyMemory<byte>> PassAsync(Memory<byte> bytes, bool isAnswer)
    {
        switch (_fault)
        {
            case ProxyFault.Drop:
                return default;
            case ProxyFault.Delay when isAnswer:
                await Task.Delay(Delay, _ended.Token);
                return bytes;
            case ProxyFault.Truncate when isAnswer:
                // Some bytes of an answer, then nothing and no end.
                int left = Interlocked.Exchange(ref _left, 0);
                return bytes[..Math.Min(left, bytes.Length)];
            case ProxyFault.Garble when isAnswer:
                bytes.Span[bytes.Length / 2] ^= 0x20;
                return bytes;
            default:
                return bytes;
        }
    }
}
