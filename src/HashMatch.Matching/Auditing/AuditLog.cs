using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Auditing;

/// <summary>
/// The audit log of one store: append-only, chained by hashes, signed by checkpoints. Changes of lists record
/// themselves (<see cref="Lists.ListCatalog"/>), as do documents that are written with an <see cref="AuditEntry"/>.
/// What the store throws goes through. Safe for concurrent use, by any number of processes.
/// </summary>
public sealed partial class AuditLog(IListStore store, TimeProvider time)
{
    /// <summary>Records that one read gives.</summary>
    public const int MaxRecords = 1000;

    // Beyond, what became of a change is not looked for: it is for a page of the log, not for all of it.
    private const int MaxLookAhead = 100_000;

    /// <summary>Records what is no write of a list or of an audited document. Written before it is done, it says who
    /// meant to; whether it was done is for a record of its own.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="action">A verb.</param>
    /// <param name="subject">What it is about: `GROUP:KEY`.</param>
    /// <param name="detail">Of <see cref="AuditDetail"/>: no secret, no value of an entry.</param>
    /// <param name="cancellation">May leave it written.</param>
    public Task<AuditRecord> AppendAsync(
        string actor, string action, string subject, string detail, CancellationToken cancellation) =>
        store.AppendAuditAsync(new AuditEntry(actor, action, subject, detail), cancellation);

    /// <summary>Records with what became of them, oldest first.</summary>
    /// <param name="after">The number of the last one that is known; 0: from the first; negative: the newest.</param>
    /// <param name="limit">1 to <see cref="MaxRecords"/>.</param>
    /// <param name="subject">Of this subject alone; null: of all.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<AuditView>> ReadAsync(
        long after, int limit, string? subject, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxRecords);
        bool newest = after < 0;
        if (newest && subject is null)
        {
            after = Math.Max((await store.ReadAuditHeadAsync(cancellation).ConfigureAwait(false)).Sequence - limit, 0);
        }

        Queue<(long Place, AuditRecord? Record)> page = [];
        AuditSubjects subjects = new();
        long last = Math.Max(after, 0);
        while (newest || page.Count < limit)
        {
            IReadOnlyList<StoredAudit> some = await store.ReadAuditAsync(last, MaxRecords, cancellation)
                .ConfigureAwait(false);
            foreach (StoredAudit stored in some)
            {
                AuditRecord? record = AuditRecord.Decode(stored.Record.Span);
                bool isWanted = subject is null || record?.Subject == subject;
                if (isWanted && page.Count == limit && !newest)
                {
                    break;
                }

                last = stored.Place;
                if (isWanted)
                {
                    _ = record is null || subjects.Add(record, fromFirst: false);
                    page.Enqueue((stored.Place, record));
                    if (page.Count > limit)
                    {
                        page.Dequeue();
                    }
                }
            }

            if (some.Count < MaxRecords)
            {
                break;
            }
        }

        return await ViewAsync([.. page], subjects, last, cancellation).ConfigureAwait(false);
    }

    /// <summary>The newest checkpoint; null when there is none, or it is not what was written.</summary>
    public async Task<AuditCheckpoint?> ReadCheckpointAsync(CancellationToken cancellation)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> all = await store.ReadCheckpointsAsync(cancellation).ConfigureAwait(false);
        return all.Count == 0 ? null : AuditCheckpoint.Decode(all[^1].Span);
    }

    /// <summary>Signs where the log stands, once all that was appended behind the last checkpoint of this key, or all,
    /// was found good.</summary>
    public async Task<AuditSigning> SignAsync(SigningKey key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        AuditVerifier verifier = new([]);
        AuditHead head = await store.ReadAuditHeadAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<ReadOnlyMemory<byte>> lines = await store.ReadCheckpointsAsync(cancellation)
            .ConfigureAwait(false);
        AuditCheckpoint? last = null;
        AuditCheckpoint? own = null;
        foreach (ReadOnlyMemory<byte> line in lines)
        {
            verifier.AddCheckpoint(line.Span);
            last = AuditCheckpoint.Decode(line.Span);
            own = last?.Key == key.Public.Id && last.IsSigned() ? last : own;
        }

        verifier.AddHead(head);
        if (own is not null)
        {
            verifier.StartAt(new AuditHead(own.Sequence, own.Hash));
        }

        // No record follows on from one below the first, so what is there must be looked for: `audit verify` names it.
        IReadOnlyList<StoredAudit> lowest = await store.ReadAuditAsync(long.MinValue, 1, cancellation)
            .ConfigureAwait(false);
        if (own is not null && lowest is [{ Place: < 1 } below])
        {
            verifier.Add(below.Place, below.Record.Span);
        }

        await FollowAsync(verifier, own?.Sequence - 1 ?? long.MinValue, null, cancellation).ConfigureAwait(false);
        AuditReport report = verifier.Finish(null);
        if (report.FaultCount > 0 || report.Head.Sequence == (last?.Sequence ?? 0))
        {
            return new AuditSigning(null, report);
        }

        AuditCheckpoint made = AuditCheckpoint.Sign(report.Head, last?.Sequence ?? 0, time.GetUtcNow(), key);
        bool isFirst = await store.TryAppendCheckpointAsync(lines.Count + 1, made.Encode(), cancellation)
            .ConfigureAwait(false);
        return new AuditSigning(isFirst ? made : null, report);
    }

    /// <summary>Records behind a place, to the last one that there is now.</summary>
    private async Task<long> FollowAsync(
        AuditVerifier verifier, long after, IProgress<long>? progress, CancellationToken cancellation)
    {
        while (true)
        {
            IReadOnlyList<StoredAudit> some = await store.ReadAuditAsync(after, MaxRecords, cancellation)
                .ConfigureAwait(false);
            foreach (StoredAudit stored in some)
            {
                verifier.Add(stored.Place, stored.Record.Span);
            }

            // Numbers that no record has are a fault by now, and must not keep this in a circle.
            long last = some.Count == 0 ? after : some[^1].Place;
            bool isLast = some.Count < MaxRecords || last <= after;
            after = Math.Max(after, last);
            progress?.Report(Math.Max(after, 0));
            if (isLast)
            {
                return Math.Max(after, 0);
            }
        }
    }

    private async Task<IReadOnlyList<AuditView>> ViewAsync(
        IReadOnlyList<(long Place, AuditRecord? Record)> page,
        AuditSubjects subjects,
        long last,
        CancellationToken cancellation)
    {
        Dictionary<string, AuditHead?> named = [];
        foreach (string subject in subjects.Names)
        {
            named[subject] = (await store.ReadAuditedAsync(subject, cancellation).ConfigureAwait(false)).Record;
        }

        long furthest = named.Values.Max(head => head?.Sequence) ?? 0;
        long end = last + MaxLookAhead;
        while (last < furthest && last < end)
        {
            IReadOnlyList<StoredAudit> some = await store.ReadAuditAsync(last, MaxRecords, cancellation)
                .ConfigureAwait(false);
            foreach (StoredAudit stored in some)
            {
                if (AuditRecord.Decode(stored.Record.Span) is { } record && named.ContainsKey(record.Subject))
                {
                    _ = subjects.Add(record, fromFirst: false);
                }

                last = stored.Place;
            }

            if (some.Count < MaxRecords)
            {
                break;
            }
        }

        return
        [
            .. page.Select(each => new AuditView(each.Place, each.Record, each.Record is { } record
                ? subjects.EffectOf(record, named.GetValueOrDefault(record.Subject))
                : AuditEffect.Unknown)),
        ];
    }
}
