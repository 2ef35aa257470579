using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>Sends commands, with the patience of whoever asks.</summary>
internal sealed class RedisCalls(ConnectionMultiplexer redis, string store) : IAsyncDisposable
{
    private Task<RedisPulse>? _starting;

    /// <summary>Named in faults.</summary>
    public string Store => store;

    public ConnectionMultiplexer Redis => redis;

    /// <summary>How the servers look; what the client itself knows while no pulse is kept.</summary>
    public StoreState State => Pulse?.State ?? (redis.IsConnected ? StoreState.Answers : StoreState.Away);

    // Null until its connection was tried: nobody waits for that.
    private RedisPulse? Pulse => _starting is { IsCompletedSuccessfully: true } started ? started.Result : null;

    /// <summary>From here on short patience is held to.</summary>
    public void KeepPulse(ConfigurationOptions options, TimeSpan silence, TimeProvider time) =>
        _starting ??= RedisPulse.StartAsync(redis, options, silence, time);

    /// <summary>Sends a command and awaits its answer.</summary>
    /// <param name="key">Its server is the key's.</param>
    /// <param name="command">Not called while that server is silent, if patience is short.</param>
    /// <param name="cancellation">May leave the command done.</param>
    /// <exception cref="StoreUnavailableException">No connection, no reply in time, or the server refused.</exception>
    /// <exception cref="StoreCorruptException">A key of ours holds something else.</exception>
    public Task<T> AnswerAsync<T>(RedisKey key, Func<Task<T>> command, CancellationToken cancellation)
    {
        Task? silence = StorePatience.IsShort ? Pulse?.SilenceOf(key) : null;
        return silence is { IsCompleted: true }
            ? Task.FromException<T>(RedisFaults.Silent(store, mayBeDone: false))
            : command().AnswerAsync(store, silence, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_starting is not null)
            await (await _starting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await redis.DisposeAsync().ConfigureAwait(false);
    }
}
