using System.Globalization;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <content>Events that are appended once.</content>
public sealed partial class RedisListStore
{
    /// <inheritdoc/>
    public async Task<long> AppendEventsOnceAsync(
        string log, long first, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation)
    {
        StoreArguments.CheckLog(log, first);
        RedisKey[] keys = [RedisKeys.Events, RedisKeys.EventLog(log)];
        if (events.Count == 0)
        {
            RedisValue stored = await Answer(
                keys[1], () => _database.StringGetAsync(keys[1], OnMaster), cancellation).ConfigureAwait(false);
            return stored.IsNull ? 0 : (long)stored;
        }
        long place = 0;
        foreach (ReadOnlyMemory<byte>[] part in events.Chunk(EventsACall))
        {
            RedisValue[] arguments =
            [
                _maxEvents, first, (long)StoreArguments.EventLogLife.TotalSeconds,
                .. part.Select(document => (RedisValue)document),
            ];
            RedisResult reached = await _confirmation.WriteAsync(
                keys[1], () => _database.ScriptEvaluateAsync(RedisScripts.AppendEventsOnce, keys, arguments, Script),
                cancellation).ConfigureAwait(false);
            place = long.Parse((string)reached!, CultureInfo.InvariantCulture);
            first += part.Length;
        }
        return place;
    }
}
