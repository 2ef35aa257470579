using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>The client's exceptions as ours.</summary>
internal static class RedisFaults
{
    private static readonly string[] ReadOnlyWords = ["READONLY", "NOREPLICAS", "MISCONF"];

    /// <summary>Awaits a command, translates its failure, and lets go of it when cancelled or when its server is found
    /// silent.</summary>
    /// <param name="command">Under way.</param>
    /// <param name="store">Named in faults.</param>
    /// <param name="silence">Completes when the server is silent; null for whoever waits for the client's own timeout.
    /// </param>
    /// <param name="cancellation">May leave the command done.</param>
    /// <exception cref="StoreUnavailableException">No connection, no reply in time, or the server refused.</exception>
    /// <exception cref="StoreCorruptException">A key of ours holds something else.</exception>
    public static async Task<T> AnswerAsync<T>(
        this Task<T> command, string store, Task? silence, CancellationToken cancellation)
    {
        try
        {
            if (silence is null)
                return await command.WaitAsync(cancellation).ConfigureAwait(false);
            await Task.WhenAny(command, silence).WaitAsync(cancellation).ConfigureAwait(false);
            return command.IsCompleted ? await command.ConfigureAwait(false) : throw Silent(store, mayBeDone: true);
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
            throw new StoreUnavailableException($"{store} refuses: {e.Message}", e) { Refusal = RefusalOf(e) };
        }
        catch (RedisConnectionException e) when (IsAboutCredentials(e))
        {
            throw new StoreUnavailableException($"{store} does not accept the user or the password.", e);
        }
        catch (RedisConnectionException e)
        {
            throw new StoreUnavailableException($"{store} is not reachable.", e)
            {
                MayBeDone = e.FailureType is not
                    (ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection)
                    && HasLeft(e.CommandStatus),
            };
        }
        catch (RedisTimeoutException e)
        {
            throw new StoreUnavailableException($"{store} does not answer in time.", e)
            {
                MayBeDone = HasLeft(e.Commandstatus),
            };
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new StoreUnavailableException($"{store} does not answer in time.", e) { MayBeDone = true };
        }
    }

    /// <summary>A server that does not answer its pulse.</summary>
    public static StoreUnavailableException Silent(string store, bool mayBeDone) =>
        new($"{store} is silent.") { MayBeDone = mayBeDone };

    /// <summary>Why a server refuses changes. A script's error repeats that of the command in it.</summary>
    public static StoreRefusal RefusalOf(RedisServerException refused) =>
        refused.Message.Contains("OOM", StringComparison.Ordinal) ? StoreRefusal.Full
        : ReadOnlyWords.Any(word => refused.Message.Contains(word, StringComparison.Ordinal)) ? StoreRefusal.ReadOnly
        : StoreRefusal.None;

    private static bool HasLeft(CommandStatus status) =>
        status is not (CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog);

    // The client says "no connection" first, and why one inside.
    private static bool IsAboutCredentials(Exception? e)
    {
        const ConnectionFailureType Refused = ConnectionFailureType.AuthenticationFailure;
        while (e is not null and not RedisConnectionException { FailureType: Refused })
            e = e.InnerException;
        return e is not null;
    }
}
