using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>
/// Waits until replicas have what a master acknowledged: a fail-over would otherwise lose it. WAIT counts what its own
/// connection wrote, so it goes to the key's server and only counts when that connection stayed the same meanwhile.
/// </summary>
internal sealed class RedisConfirmation
{
    private const int LongestMs = 1000;

    private readonly RedisCalls _calls;
    private readonly int? _replicas;
    private readonly int _waitMs;
    private readonly ConcurrentDictionary<EndPoint, int> _cuts = new();

    /// <param name="calls">Whose connections the writes use.</param>
    /// <param name="replicas">Replicas that must confirm; null: one where the master has any.</param>
    public RedisConfirmation(RedisCalls calls, int? replicas)
    {
        _calls = calls;
        ConnectionMultiplexer redis = calls.Redis;
        _replicas = replicas;
        // The client's own patience must be the longer one.
        _waitMs = Math.Min(LongestMs, Math.Max(1, redis.TimeoutMilliseconds / 2));
        redis.ConnectionFailed += (_, cut) =>
        {
            if (cut.EndPoint is { } endPoint)
                _cuts.AddOrUpdate(endPoint, 1, (_, count) => count + 1);
        };
    }

    /// <summary>Writes and waits for confirmation.</summary>
    /// <param name="key">What is written; its server is asked.</param>
    /// <param name="write">Sends the command; its failure is translated here.</param>
    /// <param name="cancellation">May leave it written.</param>
    /// <exception cref="StoreUnavailableException">Not written, or, with <see
    /// cref="StoreUnavailableException.IsUnconfirmed"/>, perhaps written, or written and not confirmed in time.
    /// </exception>
    public async Task<T> WriteAsync<T>(RedisKey key, Func<Task<T>> write, CancellationToken cancellation)
    {
        Mark before = Before(key);
        T answer;
        try
        {
            answer = await _calls.AnswerAsync(key, write, cancellation).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e) when (e.MayBeDone)
        {
            throw StoreUnavailableException.Unanswered(_calls.Store, e);
        }

        await AfterAsync(key, before, cancellation).ConfigureAwait(false);
        return answer;
    }

    /// <summary>Where a write to a key goes; to be asked before it.</summary>
    public Mark Before(RedisKey key) => new(_replicas == 0 ? null : Find(key));

    /// <summary>Waits for the confirmation of a write that was acknowledged.</summary>
    /// <exception cref="StoreUnavailableException">Not confirmed in time; it is written.</exception>
    public async Task AfterAsync(RedisKey key, Mark before, CancellationToken cancellation)
    {
        if (_replicas == 0)
            return;
        try
        {
            await ConfirmAsync(key, before.Place, cancellation).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e)
        {
            throw StoreUnavailableException.Unconfirmed(_calls.Store, e);
        }
    }

    private async Task ConfirmAsync(
        RedisKey key, (IServer Server, int Cuts)? before, CancellationToken cancellation)
    {
        IServer? server = before?.Server ?? Find(key)?.Server;
        int? wanted = server is null ? null : await WantedAsync(key, server, cancellation).ConfigureAwait(false);
        if (wanted == 0)
            return;
        if (wanted is null || before is not { } was)
            throw new StoreUnavailableException($"{_calls.Store} changes its masters.");
        RedisResult reply = await _calls.AnswerAsync(
            key, () => was.Server.ExecuteAsync("WAIT", wanted.Value, _waitMs), cancellation).ConfigureAwait(false);
        if ((int)reply < wanted)
        {
            throw new StoreUnavailableException(string.Create(
                CultureInfo.InvariantCulture,
                $"{(int)reply} of {wanted} replicas confirmed within {_waitMs} ms."));
        }
        if (Find(key) is not { } after || !after.Server.EndPoint.Equals(was.Server.EndPoint)
            || after.Cuts != was.Cuts)
        {
            throw new StoreUnavailableException($"{_calls.Store} changed its masters.");
        }
    }

    private (IServer Server, int Cuts)? Find(RedisKey key)
    {
        try
        {
            IServer server = _calls.Redis.GetServer(key, flags: CommandFlags.DemandMaster);
            return (server, _cuts.GetValueOrDefault(server.EndPoint));
        }
        catch (Exception e) when (e is RedisException or InvalidOperationException)
        {
            // No server is known to own the key now.
            return null;
        }
    }

    // Null when the server is no master any more. A replica that is still being filled cannot confirm yet.
    private async Task<int?> WantedAsync(RedisKey key, IServer server, CancellationToken cancellation)
    {
        if (_replicas is { } stated)
            return stated;
        string info = await _calls.AnswerAsync(key, () => server.InfoRawAsync("replication"), cancellation)
            .ConfigureAwait(false) ?? "";
        string[] lines = info.Split('\n', StringSplitOptions.TrimEntries);
        return !lines.Contains("role:master") ? null
            : lines.Any(line => line.StartsWith("slave", StringComparison.Ordinal)
                && line.Contains("state=online", StringComparison.Ordinal)) ? 1 : 0;
    }

    /// <summary>A server, and how often its connection was cut.</summary>
    internal readonly record struct Mark((IServer Server, int Cuts)? Place);
}
