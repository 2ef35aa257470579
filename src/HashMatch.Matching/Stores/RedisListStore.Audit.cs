using System.Collections.Concurrent;
using System.Globalization;
using HashMatch.Matching.Auditing;
using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <content>
/// The audit log. It has one slot of a cluster, what changes has others: so a record is appended first, and the change
/// writes its name beside what it changes, in one script. A change needs the record that its author found there, so of
/// records that were written for the same state one at most takes effect, and which did can be told for ever.
/// </content>
public sealed partial class RedisListStore
{
    private const string ListPrefix = "list:";
    private const int MaxAppends = 1000;
    private const int LongestPauseMs = 32;

    private static readonly RedisValue[] RecordFields = ["rev", "audit"];

    // Revisions that were read, with their records: whoever changes a list has read it.
    private readonly ConcurrentDictionary<string, (long Revision, string Record)> _found = new();
    private readonly SemaphoreSlim _appending = new(1, 1);
    private AuditHead? _auditHead;

    /// <inheritdoc/>
    public bool WritesRecordWithChange => false;

    /// <inheritdoc/>
    public async Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, AuditEntry audit, CancellationToken cancellation)
    {
        StoreArguments.CheckWrite(document, expectedRevision);
        return await ReplaceAsync(
            document.Group, document.Key, expectedRevision, ValueOf(document),
            AuditRecord.StateOf(document.Group, document.Content), audit, cancellation)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, AuditEntry audit, CancellationToken cancellation) =>
        expectedRevision != 0
        && await ReplaceAsync(group, key, expectedRevision, [], "", audit, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<AuditRecord> AppendAuditAsync(AuditEntry entry, CancellationToken cancellation)
    {
        RedisConfirmation.Mark before = _confirmation.Before(RedisKeys.AuditHead);
        AuditRecord record = await AppendAsync(entry, null, "", cancellation).ConfigureAwait(false);
        await _confirmation.AfterAsync(RedisKeys.AuditHead, before, cancellation).ConfigureAwait(false);
        return record;
    }

    /// <inheritdoc/>
    public async Task<AuditHead> ReadAuditHeadAsync(CancellationToken cancellation) => ParseHead(
        await Answer(
            RedisKeys.AuditHead, () => _database.StringGetAsync(RedisKeys.AuditHead, OnMaster), cancellation)
            .ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(
        long after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (limit == 0)
            return [];
        string from = after < 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"({after}-18446744073709551615");
        StreamEntry[] entries = await Answer(
            RedisKeys.AuditLog,
            () => _database.StreamRangeAsync(RedisKeys.AuditLog, from, "+", limit, Order.Ascending, OnMaster),
            cancellation).ConfigureAwait(false);
        return [.. entries.Select(entry => new StoredAudit(PlaceOf(entry), (byte[]?)entry["r"] ?? []))];
    }

    /// <inheritdoc/>
    public async Task<AuditedSubject> ReadAuditedAsync(string subject, CancellationToken cancellation)
    {
        if (subject.StartsWith(ListPrefix, StringComparison.Ordinal))
        {
            RedisKey list = RedisKeys.Document(subject[ListPrefix.Length..]);
            RedisValue[] fields = await Answer(
                list, () => _database.HashGetAsync(list, DocumentFields, OnMaster), cancellation)
                .ConfigureAwait(false);
            string found = fields[0].IsNull != fields[1].IsNull ? AuditedSubject.Odd
                : fields[1].IsNull ? "" : AuditRecord.DigestOf((byte[])fields[1]!);
            return new AuditedSubject(AuditHead.Parse(fields[2]), found);
        }
        string group = subject.Split(':')[0];
        RedisKey records = RedisKeys.AuditedDocuments(group);
        string key = subject[Math.Min(group.Length + 1, subject.Length)..];
        Task<RedisValue> Record() =>
            Answer(records, () => _database.HashGetAsync(records, key, OnMaster), cancellation);
        RedisValue record = await Record().ConfigureAwait(false);
        while (true)
        {
            RedisValue value = await ReadValueAsync(group, key, cancellation).ConfigureAwait(false);
            RedisValue after = await Record().ConfigureAwait(false);
            // Two reads; one script writes both, so a document between two reads of one record is that record's.
            if (after == record)
            {
                StoredDocument? document = value.IsNull ? null : TryReadDocument(group, key, (byte[])value!);
                string state = value.IsNull == document is null
                    ? AuditRecord.StateOf(group, document?.Content)
                    : AuditedSubject.Odd;
                return new AuditedSubject(AuditHead.Parse(record), state);
            }
            record = after;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryAppendCheckpointAsync(
        long number, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellation)
    {
        // The records that it vouches for must not be lost behind it.
        RedisKey head = RedisKeys.AuditHead;
        await _confirmation.WriteAsync(
            head, () => _database.ScriptEvaluateAsync(RedisScripts.TouchAudit, [head], [], Script), cancellation)
            .ConfigureAwait(false);
        RedisKey checkpoints = RedisKeys.AuditCheckpoints;
        RedisResult result = await _confirmation.WriteAsync(
            checkpoints,
            () => _database.ScriptEvaluateAsync(
                RedisScripts.AppendCheckpoint, [checkpoints], [number, checkpoint], Script),
            cancellation).ConfigureAwait(false);
        return (long)result == 1;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadCheckpointsAsync(CancellationToken cancellation)
    {
        RedisKey checkpoints = RedisKeys.AuditCheckpoints;
        StreamEntry[] entries = await Answer(
            checkpoints,
            () => _database.StreamRangeAsync(checkpoints, "-", "+", null, Order.Ascending, OnMaster),
            cancellation).ConfigureAwait(false);
        return [.. entries.Select(entry => new ReadOnlyMemory<byte>((byte[]?)entry["c"] ?? []))];
    }

    private async Task<bool> ChangeAsync(
        string script, StoredList list, long expectedRevision, ListChange change, CancellationToken cancellation)
    {
        if (await FoundAsync(list.Name, expectedRevision, cancellation).ConfigureAwait(false) is not { } found)
            return false;
        string state = list.Document.IsEmpty ? "" : AuditRecord.DigestOf(list.Document.Span);
        return await RecordedAsync(
            change.ToAudit(),
            found,
            state,
            RedisKeys.Document(list.Name),
            (key, record) => _database.ScriptEvaluateAsync(
                script,
                [key, RedisKeys.Log(list.Name)],
                [
                    expectedRevision, list.Revision, list.Document, change.What, change.At.UtcTicks,
                    StoreArguments.MaxChanges, (string)RedisKeys.Changes!, list.Name, found, record,
                ],
                Script),
            cancellation).ConfigureAwait(false);
    }

    private async Task<bool> ReplaceAsync(
        string group,
        string key,
        long expectedRevision,
        byte[] value,
        string state,
        AuditEntry audit,
        CancellationToken cancellation)
    {
        RedisKey records = RedisKeys.AuditedDocuments(group);
        Task<RedisValue> record = Answer(
            records, () => _database.HashGetAsync(records, key, OnMaster), cancellation);
        StoredDocument? stored = await ReadDocumentAsync(group, key, cancellation).ConfigureAwait(false);
        string found = (string?)await record.ConfigureAwait(false) ?? "";
        if ((stored?.Revision ?? 0) != expectedRevision)
            return false;
        return await RecordedAsync(
            audit with { Subject = AuditEntry.OfDocument(group, key) },
            found,
            state,
            RedisKeys.Documents(group),
            (documents, written) => _database.ScriptEvaluateAsync(
                RedisScripts.AuditedDocument,
                [documents, records],
                [key, expectedRevision, value, found, written],
                Script),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Appends a record, makes its change, and waits until both are confirmed.</summary>
    private async Task<bool> RecordedAsync(
        AuditEntry entry,
        string found,
        string state,
        RedisKey key,
        Func<RedisKey, string, Task<RedisResult>> change,
        CancellationToken cancellation)
    {
        RedisConfirmation.Mark before = _confirmation.Before(RedisKeys.AuditHead);
        AuditRecord record = await AppendAsync(entry, ParseHead(found).Sequence, state, cancellation)
            .ConfigureAwait(false);
        Task recorded = _confirmation.AfterAsync(RedisKeys.AuditHead, before, cancellation);
        bool changed = false;
        try
        {
            RedisResult result = await _confirmation.WriteAsync(
                key, () => change(key, record.Head.ToString()), cancellation).ConfigureAwait(false);
            changed = (long)result == 1;
        }
        finally
        {
            // Of a change that was not made, nobody waits for the record.
            if (!changed)
                _ = recorded.ContinueWith(task => task.Exception, TaskScheduler.Default);
        }
        if (changed)
            await recorded.ConfigureAwait(false);
        return changed;
    }

    /// <summary>The record that a list's expected revision names; null when the list has another revision.</summary>
    private async Task<string?> FoundAsync(string name, long expectedRevision, CancellationToken cancellation)
    {
        if (expectedRevision != 0 && _found.TryGetValue(name, out (long Revision, string Record) read)
            && read.Revision == expectedRevision)
        {
            return read.Record;
        }
        RedisKey key = RedisKeys.Document(name);
        RedisValue[] fields = await Answer(
            key, () => _database.HashGetAsync(key, RecordFields, OnMaster), cancellation).ConfigureAwait(false);
        return (fields[0].IsNull ? 0 : (long)fields[0]) == expectedRevision ? (string?)fields[1] ?? "" : null;
    }

    // One round trip where nobody else appends; a head that moved on comes back with the refusal.
    private async Task<AuditRecord> AppendAsync(
        AuditEntry entry, long? found, string state, CancellationToken cancellation)
    {
        await _appending.WaitAsync(cancellation).ConfigureAwait(false);
        AuditHead? head = _auditHead;
        _auditHead = null;
        try
        {
            head ??= await ReadAuditHeadAsync(cancellation).ConfigureAwait(false);
            for (int attempt = 0; attempt < MaxAppends; attempt++)
            {
                AuditRecord record = AuditRecord.After(head, entry, found, state, _time.GetUtcNow());
                AuditHead from = head;
                string? answer = (string?)await Answer(
                    RedisKeys.AuditHead,
                    () => _database.ScriptEvaluateAsync(
                        RedisScripts.AppendAudit,
                        [RedisKeys.AuditHead, RedisKeys.AuditLog],
                        [from.ToString(), record.Head.ToString(), record.Sequence, record.Encode()],
                        Script),
                    cancellation).ConfigureAwait(false);
                if (answer == RedisScripts.Appended)
                {
                    _auditHead = record.Head;
                    return record;
                }
                head = ParseHead(answer);
                if (attempt > 0)
                {
                    await Task.Delay(Random.Shared.Next(Math.Min(1 << Math.Min(attempt, 10), LongestPauseMs)),
                        cancellation).ConfigureAwait(false);
                }
            }
            throw new StoreUnavailableException($"{Description}: too many append to the audit log at once.");
        }
        finally
        {
            _appending.Release();
        }
    }

    private AuditHead ParseHead(string? text) => AuditHead.Parse(text)
        ?? throw new StoreCorruptException($"{Description} holds an audit log whose head is not what was written.");

    private static long PlaceOf(StreamEntry entry)
    {
        string id = (string)entry.Id!;
        return long.TryParse(
            id.AsSpan(0, Math.Max(id.IndexOf('-'), 0)), NumberStyles.None, CultureInfo.InvariantCulture, out long place)
            ? place
            : -1;
    }
}
