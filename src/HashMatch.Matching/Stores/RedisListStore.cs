using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>
/// The shared store: Redis or Valkey, single, behind Sentinel, or a Cluster. While no server can be reached every call
/// throws at once, and the client connects in the background. Needs Redis 6.2 or later with
/// `maxmemory-policy noeviction`, `appendonly yes` and `appendfsync always`: with `everysec` Redis answers before it
/// has written when its disk is busy, and a kill then loses what was acknowledged. Blobs and documents are acknowledged
/// once a replica has them, where the master has one (`confirmReplicas`), and so are events of a log. Replicas are
/// never read from.
/// </summary>
public sealed partial class RedisListStore : IListStore
{
    // A lost message costs this and one round trip; WatchAsync promises 500 ms.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private const int EventsACall = 512;

    // Replicas can be behind: what was acknowledged is read from the server that acknowledged it.
    private const CommandFlags OnMaster = CommandFlags.DemandMaster;
    private const CommandFlags Script = CommandFlags.DemandMaster | CommandFlags.NoScriptCache;

    private static readonly RedisValue[] DocumentFields = ["rev", "doc", "audit"];

    private readonly RedisCalls _calls;
    private readonly RedisSettings _settings;
    private readonly IDatabase _database;
    private readonly TimeProvider _time;
    private readonly long _maxEvents;
    private readonly RedisConfirmation _confirmation;
    private readonly ChangeSignal _changed = new();
    private int _subscribed;

    private RedisListStore(
        ConnectionMultiplexer redis, RedisSettings settings, string description, TimeProvider time, long maxEvents)
    {
        _calls = new RedisCalls(redis, description);
        _settings = settings;
        _database = redis.GetDatabase();
        _time = time;
        _maxEvents = maxEvents;
        _confirmation = new RedisConfirmation(_calls, settings.ConfirmReplicas);
    }

    /// <inheritdoc/>
    public string Description => _calls.Store;

    /// <summary>How its servers look now; the worst of them in a cluster.</summary>
    public StoreState State => _calls.State;

    /// <summary>Opens the store; a server that is down is a fault of the calls. One that neither answers nor refuses is
    /// waited for, 2 s by default.</summary>
    /// <param name="configuration">In StackExchange.Redis's form: HOST:PORT[,HOST:PORT...][,OPTION=VALUE...].</param>
    /// <param name="time">Times the polls of <see cref="WatchAsync"/>; blobs get the server's time.</param>
    /// <param name="maxEvents">Events that are kept at least; a few hundred more may be.</param>
    /// <exception cref="FormatException">The configuration has another form.</exception>
    public static async Task<RedisListStore> OpenAsync(
        string configuration, TimeProvider time, long maxEvents = StoreArguments.MaxEvents)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        RedisSettings settings = RedisConfiguration.Parse(configuration);
        string description = RedisConfiguration.Describe(settings.Client);
        ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(settings.Client)
            .AnswerAsync(description, silence: null, CancellationToken.None).ConfigureAwait(false);
        return new RedisListStore(redis, settings, description, time, maxEvents);
    }

    /// <summary>What of the servers' configuration endangers the lists, a sentence each; empty when nothing does.
    /// </summary>
    /// <exception cref="StoreUnavailableException">No server answers.</exception>
    public Task<IReadOnlyList<string>> ReadWarningsAsync(CancellationToken cancellation) =>
        RedisWarnings.ReadAsync(_calls.Redis, Description, cancellation);

    /// <summary>Asks the servers for signs of life until the store is closed. From here on calls whose patience is
    /// short (<see cref="StorePatience"/>) end as soon as their server is found silent.</summary>
    /// <param name="silence">So long without an answer is silence; more on a machine or a network where answers are
    /// slow.</param>
    public void KeepPulse(TimeSpan silence) => _calls.KeepPulse(_settings.Client, silence, _time);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredList>> ReadListsAsync(CancellationToken cancellation)
    {
        string[] names = await ReadNamesAsync(RedisKeys.Lists, cancellation).ConfigureAwait(false);
        StoredList?[] lists = await Task.WhenAll(names.Select(name => ReadListAsync(name, cancellation)))
            .ConfigureAwait(false);
        return [.. lists.OfType<StoredList>()];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadListNamesAsync(CancellationToken cancellation) =>
        await ReadNamesAsync(RedisKeys.Lists, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<StoredList?> ReadListAsync(string name, CancellationToken cancellation)
    {
        RedisKey key = RedisKeys.Document(name);
        RedisValue[] fields = await Answer(
            key, () => _database.HashGetAsync(key, DocumentFields, OnMaster), cancellation).ConfigureAwait(false);
        if (fields[0].IsNull || fields[1].IsNull)
            return null;
        _found[name] = ((long)fields[0], (string?)fields[2] ?? "");
        return new StoredList(name, (long)fields[0], (byte[])fields[1]!);
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteListAsync(
        StoredList list, long expectedRevision, ListChange change, CancellationToken cancellation)
    {
        StoreArguments.CheckWrite(list, expectedRevision);
        if (expectedRevision == 0)
        {
            await Answer(
                RedisKeys.Lists,
                () => _database.SetAddAsync(RedisKeys.Lists, list.Name, OnMaster),
                cancellation).ConfigureAwait(false);
        }
        return await ChangeAsync(RedisScripts.Write, list, expectedRevision, change, cancellation)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> TryDeleteListAsync(
        string name, long expectedRevision, ListChange change, CancellationToken cancellation)
    {
        // The name stays in the set: taking it out could race with whoever creates the list anew.
        var deleted = new StoredList(name, change.Revision, ReadOnlyMemory<byte>.Empty);
        return expectedRevision == 0
            ? Task.FromResult(false)
            : ChangeAsync(RedisScripts.Delete, deleted, expectedRevision, change, cancellation);
    }

    /// <inheritdoc/>
    public Task ConfirmListAsync(string name, CancellationToken cancellation)
    {
        RedisKey key = RedisKeys.Document(name);
        RedisKey head = RedisKeys.AuditHead;
        return Task.WhenAll(
            _confirmation.WriteAsync(
                key, () => _database.ScriptEvaluateAsync(RedisScripts.Touch, [key], [], Script), cancellation),
            _confirmation.WriteAsync(
                head, () => _database.ScriptEvaluateAsync(RedisScripts.TouchAudit, [head], [], Script), cancellation));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ListChange>> ReadChangesAsync(
        string name, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (limit == 0)
            return [];
        StreamEntry[] lines = await ReadLogAsync(name, limit, cancellation).ConfigureAwait(false);
        return
        [
            .. lines.Select(line => new ListChange(
                name, (long)line["rev"], (string)line["what"]!, new DateTimeOffset((long)line["at"], TimeSpan.Zero)))
        ];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<bool> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Subscribe();
        string? seen = null;
        while (true)
        {
            Task next = _changed.Next;
            string state = await ReadStateAsync(cancellation).ConfigureAwait(false);
            if (state != seen)
            {
                seen = state;
                yield return true;
                continue;
            }
            await Task.WhenAny(next, Task.Delay(PollInterval, _time, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public async Task WriteBlobAsync(
        string list, string id, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        StoreArguments.CheckBlob(list, id, data);
        RedisKey registry = RedisKeys.Blobs(list);
        await Task.WhenAll(
            Answer(
                RedisKeys.BlobOwners,
                () => _database.SetAddAsync(RedisKeys.BlobOwners, list, OnMaster),
                cancellation),
            Answer(
                registry,
                () => _database.ScriptEvaluateAsync(RedisScripts.RegisterBlob, [registry], [id], Script),
                cancellation)).ConfigureAwait(false);
        RedisKey key = RedisKeys.Blob(list, id);
        try
        {
            await _confirmation.WriteAsync(
                key, () => _database.StringSetAsync(key, data, flags: OnMaster), cancellation).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e) when (e.IsUnconfirmed)
        {
            // No document names a blob that is being written: to whoever waits for a change, none was made.
            throw new StoreUnavailableException($"{Description} has no replica that confirms what is written.", e);
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadBlobAsync(string list, string id, CancellationToken cancellation)
    {
        RedisKey key = RedisKeys.Blob(list, id);
        return await Answer(key, () => _database.StringGetAsync(key, OnMaster), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadBlobOwnersAsync(CancellationToken cancellation)
    {
        string[] names = await ReadNamesAsync(RedisKeys.BlobOwners, cancellation).ConfigureAwait(false);
        bool[] owning = await Task.WhenAll(names.Select(RedisKeys.Blobs).Select(
            key => Answer(key, () => _database.KeyExistsAsync(key, OnMaster), cancellation))).ConfigureAwait(false);
        return [.. names.Where((_, i) => owning[i])];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredBlob>> ReadBlobsAsync(string list, CancellationToken cancellation)
    {
        RedisKey key = RedisKeys.Blobs(list);
        HashEntry[] blobs = await Answer(
            key, () => _database.HashGetAllAsync(key, OnMaster), cancellation).ConfigureAwait(false);
        return
        [
            .. blobs.Select(blob => new StoredBlob(
                (string)blob.Name!, DateTimeOffset.UnixEpoch.AddMicroseconds((long)blob.Value)))
        ];
    }

    /// <inheritdoc/>
    public async Task DeleteBlobsAsync(
        string list, IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        if (ids.Count == 0)
            return;
        await Task.WhenAll(ids.Select(id => RedisKeys.Blob(list, id)).Select(
            key => Answer(key, () => _database.KeyDeleteAsync(key, OnMaster), cancellation))).ConfigureAwait(false);
        RedisValue[] fields = [.. ids.Select(id => (RedisValue)id)];
        RedisKey registry = RedisKeys.Blobs(list);
        await Answer(registry, () => _database.HashDeleteAsync(registry, fields, OnMaster), cancellation)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task AppendEventsAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation)
    {
        foreach (ReadOnlyMemory<byte>[] part in events.Chunk(EventsACall))
        {
            RedisValue[] arguments = [_maxEvents, .. part.Select(document => (RedisValue)document)];
            await Answer(
                RedisKeys.Events,
                () => _database.ScriptEvaluateAsync(RedisScripts.AppendEvents, [RedisKeys.Events], arguments, Script),
                cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string? after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (after is not null && !IsStreamId(after))
            throw new FormatException("An event's cursor in a Redis store is two whole numbers with '-' between.");
        if (limit == 0)
            return [];
        StreamEntry[] entries = await Answer(
            RedisKeys.Events,
            () => _database.StreamRangeAsync(
                RedisKeys.Events, after is null ? "-" : "(" + after, "+", limit, Order.Ascending, OnMaster),
            cancellation).ConfigureAwait(false);
        return [.. entries.Select(entry => new StoredEvent((string)entry.Id!, (byte[])entry["doc"]!))];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _appending.Dispose();
        return _calls.DisposeAsync();
    }

    private static bool IsStreamId(string cursor)
    {
        int dash = cursor.IndexOf('-');
        return dash > 0
            && ulong.TryParse(cursor.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && ulong.TryParse(cursor.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private Task<T> Answer<T>(RedisKey key, Func<Task<T>> command, CancellationToken cancellation) =>
        _calls.AnswerAsync(key, command, cancellation);

    private async Task<string[]> ReadNamesAsync(RedisKey set, CancellationToken cancellation)
    {
        RedisValue[] members = await Answer(set, () => _database.SetMembersAsync(set, OnMaster), cancellation)
            .ConfigureAwait(false);
        string[] names = [.. members.Select(member => (string)member!)];
        Array.Sort(names, string.CompareOrdinal);
        return names;
    }

    private Task<StreamEntry[]> ReadLogAsync(string name, int limit, CancellationToken cancellation) =>
        Answer(
            RedisKeys.Log(name),
            () => _database.StreamRangeAsync(RedisKeys.Log(name), "-", "+", limit, Order.Descending, OnMaster),
            cancellation);

    // Names and last lines of all logs: differs after any change, and after a server that lost some came back. A log
    // whose server is away is left out: the others go on.
    private async Task<string> ReadStateAsync(CancellationToken cancellation)
    {
        string[] names = await ReadNamesAsync(RedisKeys.Lists, cancellation).ConfigureAwait(false);
        return string.Join('\n', await Task.WhenAll(names.Select(name => ReadLineAsync(name, cancellation)))
            .ConfigureAwait(false));
    }

    private async Task<string> ReadLineAsync(string name, CancellationToken cancellation)
    {
        try
        {
            StreamEntry[] last = await ReadLogAsync(name, 1, cancellation).ConfigureAwait(false);
            return last.Length == 0 ? "" : $"{name} {last[0].Id}";
        }
        catch (StoreUnavailableException)
        {
            return $"{name} ?";
        }
    }

    // Once for all watchers. The client subscribes as soon as it is connected, again after every reconnection; until
    // then the poll does.
    private void Subscribe()
    {
        if (Interlocked.Exchange(ref _subscribed, 1) == 0)
        {
            _calls.Redis.GetSubscriber().Subscribe(
                RedisKeys.Changes, (_, _) => _changed.Set(), CommandFlags.FireAndForget);
        }
    }
}
