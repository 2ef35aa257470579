using System.Globalization;
using StackExchange.Redis;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>What somebody who can write a Redis could do to its audit log.</summary>
internal static class RedisTampering
{
    public static async Task ReplaceAsync(string configuration, long sequence, byte[] record)
    {
        // A stream takes no record in its middle: whoever puts one there writes all of it anew.
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        IDatabase database = redis.GetDatabase();
        const string Log = "hm:{audit}:log";
        SortedDictionary<long, byte[]> records = [];
        foreach (StreamEntry entry in await database.StreamRangeAsync(Log))
            records[long.Parse(((string)entry.Id!).Split('-')[0], CultureInfo.InvariantCulture)] = (byte[])entry["r"]!;
        records[sequence] = record;
        await database.KeyDeleteAsync(Log);
        foreach ((long number, byte[] bytes) in records)
            await database.StreamAddAsync(Log, "r", bytes, $"{number}-0");
    }

    public static async Task SendAsync(string configuration, string command, params object[] arguments)
    {
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        await redis.GetDatabase().ExecuteAsync(command, arguments);
    }
}
