using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>The client's exceptions as ours.</summary>
internal static class RedisFaults
{
    /// <summary>Awaits a command, translates its failure, and lets go of it when cancelled.</summary>
    /// <exception cref="StoreUnavailableException">No connection, no reply in time, or the server refused.</exception>
    /// <exception cref="StoreCorruptException">A key of ours holds something else.</exception>
    public static async Task<T> AnswerAsync<T>(this Task<T> command, string store, CancellationToken cancellation)
    {
        try
        {
            return await command.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            throw new StoreCorruptException(
                $"{store} holds a key that begins with 'hm:' but is not HashMatch's; use another database.", e);
        }
        catch (RedisServerException e) when (e.Message.Contains("equal or smaller", StringComparison.Ordinal))
        {
            // XADD of a number that was there: only the audit log numbers what it appends.
            throw new StoreCorruptException($"{store} holds an audit log that went on behind its head.", e);
        }
        catch (RedisServerException e)
        {
            throw new StoreUnavailableException($"{store} refuses: {e.Message}", e);
        }
        catch (RedisConnectionException e) when (IsAboutCredentials(e))
        {
            throw new StoreUnavailableException($"{store} does not accept the user or the password.", e);
        }
        catch (RedisConnectionException e)
        {
            throw new StoreUnavailableException($"{store} is not reachable.", e);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new StoreUnavailableException($"{store} does not answer in time.", e);
        }
    }

    // The client says "no connection" first, and why one inside.
    private static bool IsAboutCredentials(Exception? e)
    {
        const ConnectionFailureType Refused = ConnectionFailureType.AuthenticationFailure;
        while (e is not null and not RedisConnectionException { FailureType: Refused })
            e = e.InnerException;
        return e is not null;
    }
}
