namespace HashMatch.Matching.Stores;

/// <summary>
/// The Lua that makes several steps one. Redis does not undo a script that fails half-way, so each looks first, its
/// first write is the one that can be refused (memory, a key of another type), and nothing after can fail.
/// </summary>
internal static class RedisScripts
{
    /// <summary>What <see cref="AppendAudit"/> returns of a record that was appended.</summary>
    public const string Appended = "ok";

    /// <summary>KEYS: document, log. ARGV: expected revision, revision, document, what, at, lines kept, channel, name,
    /// record that is expected there, record of this change. Returns 1 when written, 0 when the stored revision or its
    /// record is another.</summary>
    public const string Write =
        """
        local was = redis.call('HMGET', KEYS[1], 'rev', 'audit')
        if (was[1] or '0') ~= ARGV[1] or (was[2] or '') ~= ARGV[9] then return 0 end
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', 'rev', ARGV[2], 'what', ARGV[4], 'at', ARGV[5])
        redis.call('HSET', KEYS[1], 'rev', ARGV[2], 'doc', ARGV[3], 'audit', ARGV[10])
        redis.pcall('PUBLISH', ARGV[7], ARGV[8])
        return 1
        """;

    /// <summary>KEYS and ARGV as in <see cref="Write"/>, of which the document is not used; deletes instead.</summary>
    public const string Delete =
        """
        local was = redis.call('HMGET', KEYS[1], 'rev', 'audit')
        if (was[1] or '0') ~= ARGV[1] or (was[2] or '') ~= ARGV[9] then return 0 end
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', 'rev', ARGV[2], 'what', ARGV[4], 'at', ARGV[5])
        redis.call('HSET', KEYS[1], 'audit', ARGV[10])
        redis.call('HDEL', KEYS[1], 'rev', 'doc')
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

    /// <summary>KEYS: a group's documents, their records. ARGV: key, expected revision, what to store (empty: nothing,
    /// it is deleted), record that is expected there, record of this change. Returns as above.</summary>
    public const string AuditedDocument =
        """
        local stored = redis.call('HGET', KEYS[1], ARGV[1])
        if (stored and string.match(stored, '^(%d+):') or '0') ~= ARGV[2] then return 0 end
        if (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[4] then return 0 end
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[5])
        if ARGV[3] == '' then
            redis.call('HDEL', KEYS[1], ARGV[1])
        else
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        end
        return 1
        """;

    /// <summary>KEYS: the audit log's head, the log. ARGV: expected head, head, number, record. Returns `ok` when
    /// appended, else the head that is stored.</summary>
    public const string AppendAudit =
        """
        local head = redis.call('GET', KEYS[1]) or ''
        if head ~= ARGV[1] then return head end
        redis.call('XADD', KEYS[2], ARGV[3] .. '-0', 'r', ARGV[4])
        redis.call('SET', KEYS[1], ARGV[2])
        return 'ok'
        """;

    /// <summary>KEYS: the checkpoints. ARGV: number, checkpoint. Returns 1 when appended, 0 when there is one of that
    /// number or behind it.</summary>
    public const string AppendCheckpoint =
        """
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
        if last[1] and tonumber(string.match(last[1][1], '^(%d+)')) >= tonumber(ARGV[1]) then return 0 end
        redis.call('XADD', KEYS[1], ARGV[1] .. '-0', 'c', ARGV[2])
        return 1
        """;

    /// <summary>KEYS: the audit log's head. Writes it again, as <see cref="Touch"/> does.</summary>
    public const string TouchAudit =
        """
        local head = redis.call('GET', KEYS[1])
        if head then redis.call('SET', KEYS[1], head) end
        return 1
        """;

    /// <summary>KEYS: a lease. ARGV: holder, milliseconds. Returns who holds it now.</summary>
    public const string Lease =
        """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) <= 2 * ARGV[2] then return holder end
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
