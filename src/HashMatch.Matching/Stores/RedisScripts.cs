namespace HashMatch.Matching.Stores;

/// <summary>
/// The Lua that makes several steps one. Redis does not undo a script that fails half-way, so each looks first, its
/// first write is the one that can be refused (memory, a key of another type), and nothing after can fail.
/// </summary>
internal static class RedisScripts
{
    /// <summary>KEYS: document, log. ARGV: expected revision, revision, document, what, at, lines kept, channel, name.
    /// Returns 1 when written, 0 when the stored revision is another.</summary>
    public const string Write =
        """
        if (redis.call('HGET', KEYS[1], 'rev') or '0') ~= ARGV[1] then return 0 end
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', 'rev', ARGV[2], 'what', ARGV[4], 'at', ARGV[5])
        redis.call('HSET', KEYS[1], 'rev', ARGV[2], 'doc', ARGV[3])
        redis.pcall('PUBLISH', ARGV[7], ARGV[8])
        return 1
        """;

    /// <summary>KEYS and ARGV as in <see cref="Write"/>, of which the document is not used; deletes instead.</summary>
    public const string Delete =
        """
        if (redis.call('HGET', KEYS[1], 'rev') or '0') ~= ARGV[1] then return 0 end
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', 'rev', ARGV[2], 'what', ARGV[4], 'at', ARGV[5])
        redis.call('DEL', KEYS[1])
        redis.pcall('PUBLISH', ARGV[7], ARGV[8])
        return 1
        """;

    /// <summary>KEYS: document. Writes its revision again: what WAIT counts is a connection's own writes.</summary>
    public const string Touch =
        """
        local rev = redis.call('HGET', KEYS[1], 'rev')
        if rev then redis.call('HSET', KEYS[1], 'rev', rev) end
        return 1
        """;

    /// <summary>KEYS: a list's registry of blobs. ARGV: id. Registers it at the server's time.</summary>
    public const string RegisterBlob =
        """
        local now = redis.call('TIME')
        return redis.call('HSET', KEYS[1], ARGV[1], now[1] .. string.format('%06d', now[2]))
        """;

    /// <summary>KEYS: a group's documents. ARGV: key, expected revision, what to store. Returns 1 when written, 0 when
    /// the stored revision is another.</summary>
    public const string WriteDocument =
        """
        local stored = redis.call('HGET', KEYS[1], ARGV[1])
        if (stored and string.match(stored, '^(%d+):') or '0') ~= ARGV[2] then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        return 1
        """;

    /// <summary>KEYS: a group's documents. ARGV: key, expected revision. Deletes instead.</summary>
    public const string DeleteDocument =
        """
        local stored = redis.call('HGET', KEYS[1], ARGV[1])
        if (stored and string.match(stored, '^(%d+):') or '0') ~= ARGV[2] then return 0 end
        redis.call('HDEL', KEYS[1], ARGV[1])
        return 1
        """;

    /// <summary>KEYS: a lease. ARGV: holder, milliseconds. Returns who holds it now.</summary>
    public const string Lease =
        """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then return holder end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return ARGV[1]
        """;

    /// <summary>KEYS: a lease. ARGV: holder.</summary>
    public const string ReleaseLease =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """;

    /// <summary>KEYS: the events. ARGV: events kept, then the events.</summary>
    public const string AppendEvents =
        """
        for i = 2, #ARGV do
            redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'doc', ARGV[i])
        end
        return #ARGV - 1
        """;

    /// <summary>KEYS: the events, a log's place. ARGV: events kept, place of the first event, seconds that the place is
    /// kept, then the events. Returns the place; it is written even when nothing is appended, since WAIT counts what
    /// its connection wrote.</summary>
    public const string AppendEventsOnce =
        """
        local place = tonumber(redis.call('GET', KEYS[2]) or '0')
        local first = tonumber(ARGV[2])
        for i = 4, #ARGV do
            if first + i - 4 > place then
                redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'doc', ARGV[i])
            end
        end
        place = string.format('%.0f', math.max(place, first + #ARGV - 4))
        redis.call('SET', KEYS[2], place, 'EX', ARGV[3])
        return place
        """;
}
