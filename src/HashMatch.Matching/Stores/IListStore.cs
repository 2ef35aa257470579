using HashMatch.Matching.Auditing;

namespace HashMatch.Matching.Stores;

/// <summary>
/// Where lists live. A list is one small document, replaced by compare-and-set; its content is immutable blobs that are
/// written before a document names them, so no operation needs more than one key to be atomic. Every member throws
/// <see cref="StoreUnavailableException"/> when the store does not answer, and <see cref="StoreCorruptException"/> when
/// what it holds is damaged or another program's. A write that throws may have been done. Safe for concurrent use.
/// </summary>
public interface IListStore : IAsyncDisposable
{
    /// <summary>Names the store for a person; holds no secret.</summary>
    string Description { get; }

    /// <summary>All list documents, by name (ordinal).</summary>
    Task<IReadOnlyList<StoredList>> ReadListsAsync(CancellationToken cancellation);

    /// <summary>Names of all lists (ordinal); some may be of lists that were deleted.</summary>
    Task<IReadOnlyList<string>> ReadListNamesAsync(CancellationToken cancellation);

    /// <summary>One list document; null when there is none.</summary>
    Task<StoredList?> ReadListAsync(string name, CancellationToken cancellation);

    /// <summary>
    /// Writes a document if the stored one has <paramref name="expectedRevision"/> (0: if there is none), and appends
    /// <paramref name="change"/> to the list's log, in one atomic and durable step. Watchers are told. The audit log
    /// has a record of it by then: SQLite writes both in one transaction; Redis writes the record first, and the
    /// document with the record's name, so that a record whose change was not made is told apart.
    /// </summary>
    /// <returns>False when the stored revision is another one; then nothing changed.</returns>
    Task<bool> TryWriteListAsync(
        StoredList list, long expectedRevision, ListChange change, CancellationToken cancellation);

    /// <summary>Deletes a document likewise. Its blobs stay until they are deleted.</summary>
    Task<bool> TryDeleteListAsync(
        string name, long expectedRevision, ListChange change, CancellationToken cancellation);

    /// <summary>Makes sure that a document, as it is, is as durable as one that was just written: an earlier write may
    /// have thrown after it was done.</summary>
    Task ConfirmListAsync(string name, CancellationToken cancellation);

    /// <summary>The newest lines of a list's change log, newest first; empty when there are none.</summary>
    Task<IReadOnlyList<ListChange>> ReadChangesAsync(string name, int limit, CancellationToken cancellation);

    /// <summary>
    /// Yields once at the start, then after changes of any list by any process: at most 500 ms after, coalesced.
    /// Ends only by cancellation or a fault.
    /// </summary>
    IAsyncEnumerable<bool> WatchAsync(CancellationToken cancellation);

    /// <summary>Writes an immutable blob, durably.</summary>
    /// <param name="list">The list it belongs to; the list need not exist.</param>
    /// <param name="id">32 lower-case hex digits; a new one for every blob.</param>
    /// <param name="data">Under 2 MiB.</param>
    /// <param name="cancellation">May leave the blob written.</param>
    Task WriteBlobAsync(string list, string id, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>A blob; null when there is none.</summary>
    Task<byte[]?> ReadBlobAsync(string list, string id, CancellationToken cancellation);

    /// <summary>Names of lists that blobs were written for, whether the lists exist or not.</summary>
    Task<IReadOnlyList<string>> ReadBlobOwnersAsync(CancellationToken cancellation);

    /// <summary>All blobs written for a list.</summary>
    Task<IReadOnlyList<StoredBlob>> ReadBlobsAsync(string list, CancellationToken cancellation);

    /// <summary>Deletes blobs; those that are not there are passed over.</summary>
    Task DeleteBlobsAsync(string list, IReadOnlyCollection<string> ids, CancellationToken cancellation);

    /// <summary>The documents of a group, by key (ordinal).</summary>
    Task<IReadOnlyList<StoredDocument>> ReadDocumentsAsync(string group, CancellationToken cancellation);

    /// <summary>The keys of a group's documents, whether those can be read or not.</summary>
    Task<IReadOnlyList<string>> ReadDocumentKeysAsync(string group, CancellationToken cancellation);

    /// <summary>One document; null when there is none.</summary>
    Task<StoredDocument?> ReadDocumentAsync(string group, string key, CancellationToken cancellation);

    /// <summary>
    /// Writes a document, durably, if the stored one has <paramref name="expectedRevision"/> (0: if there is none).
    /// </summary>
    /// <returns>False when the stored revision is another one; then nothing changed.</returns>
    Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, CancellationToken cancellation);

    /// <summary>Deletes a document likewise.</summary>
    Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, CancellationToken cancellation);

    /// <summary>Writes a document likewise, with a record in the audit log as <see cref="TryWriteListAsync"/> has.
    /// </summary>
    Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, AuditEntry audit, CancellationToken cancellation);

    /// <summary>Deletes a document likewise, with a record.</summary>
    Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, AuditEntry audit, CancellationToken cancellation);

    /// <summary>Appends a record that stands for itself and not for one write, durably.</summary>
    Task<AuditRecord> AppendAuditAsync(AuditEntry entry, CancellationToken cancellation);

    /// <summary>Where the audit log says that it ends.</summary>
    Task<AuditHead> ReadAuditHeadAsync(CancellationToken cancellation);

    /// <summary>Records of the audit log behind a place, in order: 0: from the first; negative: also what stands under
    /// numbers that no record has.</summary>
    Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellation);

    /// <summary>Whether a change and its record are written as one: then a subject names its last record, always.
    /// Else a record may be there whose change was not made.</summary>
    bool WritesRecordWithChange { get; }

    /// <summary>What a subject of the audit log says of the record that left it so.</summary>
    Task<AuditedSubject> ReadAuditedAsync(string subject, CancellationToken cancellation);

    /// <summary>Appends a checkpoint of the audit log, durably.</summary>
    /// <param name="number">Its number, from 1: one more than there are.</param>
    /// <param name="checkpoint">Opaque to the store.</param>
    /// <param name="cancellation">May leave it written.</param>
    /// <returns>False when there is one of that number; then nothing changed.</returns>
    Task<bool> TryAppendCheckpointAsync(
        long number, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellation);

    /// <summary>All checkpoints, in the order in which they were appended.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadCheckpointsAsync(CancellationToken cancellation);

    /// <summary>
    /// Takes a lease, or renews it for who holds it. A lease is a courtesy between processes and no proof: whoever
    /// held one too long is kept out by the revisions of what it writes. One that has over twice the time left that is
    /// asked for was taken before a clock was set back, and is over: all who take a lease ask for the same time.
    /// </summary>
    /// <returns>Who holds it now.</returns>
    Task<string> LeaseAsync(string name, string holder, TimeSpan time, CancellationToken cancellation);

    /// <summary>Gives a lease back; one that another holds stays.</summary>
    Task ReleaseLeaseAsync(string name, string holder, CancellationToken cancellation);

    /// <summary>Appends events in order. The oldest beyond the store's cap are dropped.</summary>
    Task AppendEventsAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation);

    /// <summary>
    /// Appends events of a sender's own log, each once however often it is sent: the store keeps the place that it has
    /// reached in the log together with the events, and passes over what stands at it or before. As durable as a
    /// change of a list. The place is forgotten 30 days after the last append.
    /// </summary>
    /// <param name="log">32 lower-case hex digits; a new one for every log.</param>
    /// <param name="first">The first event's place in its log, from 1; the others follow it without a gap.</param>
    /// <param name="events">None: the place is asked for.</param>
    /// <param name="cancellation">May leave them appended.</param>
    /// <returns>The place that the store has reached; past the last event's where it had more already.</returns>
    Task<long> AppendEventsOnceAsync(
        string log, long first, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation);

    /// <summary>Events after a cursor (null: from the oldest), oldest first.</summary>
    /// <exception cref="FormatException">The cursor is not one of this store's.</exception>
    Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(string? after, int limit, CancellationToken cancellation);
}
