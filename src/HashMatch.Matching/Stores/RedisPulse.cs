using System.Collections.Concurrent;
using System.Net;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>
/// Asks every master for a sign of life, over a connection of its own: on those that carry blobs an answer waits behind
/// megabytes, and WAIT holds one up. Five times a second, and with every call that cannot wait.
/// </summary>
internal sealed class RedisPulse : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private const int AnswerMs = 1000;

    private readonly ConnectionMultiplexer _data;
    private readonly ConnectionMultiplexer _own;
    private readonly TimeSpan _silence;
    private readonly TimeProvider _time;
    private readonly PoolRoom? _room;
    private readonly ConcurrentDictionary<EndPoint, ServerPulse> _pulses = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;

    private RedisPulse(
        ConnectionMultiplexer data, ConnectionMultiplexer own, TimeSpan silence, PoolRoom? room, TimeProvider time)
    {
        _data = data;
        _own = own;
        _silence = silence;
        _time = time;
        _room = room;
        if (room is not null)
        {
            data.ConnectionFailed += MakeRoom;
            own.ConnectionFailed += MakeRoom;
        }

        _running = RunAsync();
    }

    /// <summary>The worst of the masters.</summary>
    public StoreState State
    {
        get
        {
            EndPoint[] masters = [.. Masters(_data).Select(server => server.EndPoint)];
            return masters.Length == 0 ? StoreState.Away
                : masters.Max(master => _pulses.TryGetValue(master, out ServerPulse? pulse)
                    ? pulse.State
                    : StoreState.Answers);
        }
    }

    /// <param name="data">Whose servers are asked.</param>
    /// <param name="options">How to connect to them.</param>
    /// <param name="silence">So long without an answer is silence, at least.</param>
    /// <param name="time">The clock.</param>
    public static async Task<RedisPulse> StartAsync(
        ConnectionMultiplexer data, ConfigurationOptions options, TimeSpan silence, TimeProvider time)
    {
        ConfigurationOptions own = options.Clone();
        own.AbortOnConnectFail = false;
        own.AsyncTimeout = own.SyncTimeout = AnswerMs;
        PoolRoom? room = options.ServiceName is { Length: > 0 } ? new PoolRoom(time) : null;
        return new RedisPulse(
            data, await ConnectionMultiplexer.ConnectAsync(own).ConfigureAwait(false), silence, room, time);
    }

    /// <summary>Completes when the key's server is silent, or, where that cannot be told, after the longest patience.
    /// Asks for a sign of life now.</summary>
    public Task SilenceOf(RedisKey key)
    {
        try
        {
            IServer found = _data.GetServer(key, flags: CommandFlags.DemandMaster);
            if (found.ServerType == ServerType.Cluster)
                return SilenceOf(found.EndPoint);
            // While another server takes over, the client knows two masters and sends each command to either.
            Task[] silences = [.. Masters(_data).Select(server => SilenceOf(server.EndPoint))];
            return silences.Length > 1 ? Task.WhenAny(silences) : SilenceOf(found.EndPoint);
        }
        catch (Exception e) when (e is RedisException or InvalidOperationException or ArgumentException)
        {
            // A master that only the data's connections know of yet: the command itself will tell.
            return Task.Delay(ServerPulse.Longest, _time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        try
        {
            await _running.ConfigureAwait(false);
        }
        finally
        {
            _data.ConnectionFailed -= MakeRoom;
            _own.ConnectionFailed -= MakeRoom;
            _room?.Dispose();
            await _own.DisposeAsync().ConfigureAwait(false);
        }

        _ended.Dispose();
    }

    private static IEnumerable<IServer> Masters(ConnectionMultiplexer redis) =>
        redis.GetServers().Where(server => server.IsConnected && !server.IsReplica);

    private Task SilenceOf(EndPoint endPoint)
    {
        IServer server = _own.GetServer(endPoint);
        ServerPulse pulse = Of(endPoint);
        // A server that does not let the pulse in gets as long as a slow one.
        if (!server.IsConnected)
            return Task.WhenAny(pulse.Silence, Task.Delay(ServerPulse.Longest, _time));
        pulse.Ask(server);
        return pulse.Silence;
    }

    private void MakeRoom(object? sender, ConnectionFailedEventArgs e) => _room?.ConnectionLost();

    private ServerPulse Of(EndPoint endPoint) =>
        _pulses.GetOrAdd(endPoint, _ => new ServerPulse(_silence, _time));

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
            {
                foreach (IServer server in Masters(_own))
                    Of(server.EndPoint).Ask(server);
                _room?.Keep(State);
                await FindMasterAsync(_data).ConfigureAwait(false);
                await FindMasterAsync(_own).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The store is closed.
        }
    }

    // A replica that was made a master is one for the client only when it looks, which it does once a minute.
    private static async Task FindMasterAsync(ConnectionMultiplexer redis)
    {
        if (Masters(redis).Any() || !redis.GetServers().Any(server => server.IsConnected))
            return;
        try
        {
            await redis.ConfigureAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Again at the next tick.
        }
    }
}
