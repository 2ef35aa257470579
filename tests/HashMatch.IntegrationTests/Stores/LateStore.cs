using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>A real store whose answers to documents are lost on the way: written, and nobody knows.</summary>
internal sealed class LateStore(IListStore store) : IListStore
{
    /// <summary>What happens between the asking for a blob and its reading; null for nothing. Once.</summary>
    public Func<Task>? BeforeBlob { get; set; }

    public string Description => store.Description;

    public async Task<bool> TryWriteListAsync(
        StoredList list, long expectedRevision, ListChange change, CancellationToken cancellation)
    {
        await store.TryWriteListAsync(list, expectedRevision, change, cancellation);
        throw new StoreUnavailableException("the answer was lost");
    }

    public Task<IReadOnlyList<StoredList>> ReadListsAsync(CancellationToken cancellation) =>
        store.ReadListsAsync(cancellation);

    public Task<IReadOnlyList<string>> ReadListNamesAsync(CancellationToken cancellation) =>
        store.ReadListNamesAsync(cancellation);

    public Task<StoredList?> ReadListAsync(string name, CancellationToken cancellation) =>
        store.ReadListAsync(name, cancellation);

    public Task<bool> TryDeleteListAsync(
        string name, long expectedRevision, ListChange change, CancellationToken cancellation) =>
        store.TryDeleteListAsync(name, expectedRevision, change, cancellation);

    public Task ConfirmListAsync(string name, CancellationToken cancellation) =>
        store.ConfirmListAsync(name, cancellation);

    public Task<IReadOnlyList<ListChange>> ReadChangesAsync(string name, int limit, CancellationToken cancellation) =>
        store.ReadChangesAsync(name, limit, cancellation);

    public IAsyncEnumerable<bool> WatchAsync(CancellationToken cancellation) => store.WatchAsync(cancellation);

    public Task WriteBlobAsync(
        string list, string id, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        store.WriteBlobAsync(list, id, data, cancellation);

    public async Task<byte[]?> ReadBlobAsync(string list, string id, CancellationToken cancellation)
    {
        Func<Task>? before = BeforeBlob;
        BeforeBlob = null;
        await (before?.Invoke() ?? Task.CompletedTask);
        return await store.ReadBlobAsync(list, id, cancellation);
    }

    public Task<IReadOnlyList<string>> ReadBlobOwnersAsync(CancellationToken cancellation) =>
        store.ReadBlobOwnersAsync(cancellation);

    public Task<IReadOnlyList<string>> ReadDocumentKeysAsync(string group, CancellationToken cancellation) =>
        store.ReadDocumentKeysAsync(group, cancellation);

    public Task<IReadOnlyList<StoredBlob>> ReadBlobsAsync(string list, CancellationToken cancellation) =>
        store.ReadBlobsAsync(list, cancellation);

    public Task DeleteBlobsAsync(
        string list, IReadOnlyCollection<string> ids, CancellationToken cancellation) =>
        store.DeleteBlobsAsync(list, ids, cancellation);

    public Task AppendEventsAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation) =>
        store.AppendEventsAsync(events, cancellation);

    public Task<long> AppendEventsOnceAsync(
        string log, long first, IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellation) =>
        store.AppendEventsOnceAsync(log, first, events, cancellation);

    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        string? after, int limit, CancellationToken cancellation) =>
        store.ReadEventsAsync(after, limit, cancellation);

    public Task<IReadOnlyList<StoredDocument>> ReadDocumentsAsync(string group, CancellationToken cancellation) =>
        store.ReadDocumentsAsync(group, cancellation);

    public Task<StoredDocument?> ReadDocumentAsync(string group, string key, CancellationToken cancellation) =>
        store.ReadDocumentAsync(group, key, cancellation);

    public Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, CancellationToken cancellation) =>
        store.TryWriteDocumentAsync(document, expectedRevision, cancellation);

    public Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, CancellationToken cancellation) =>
        store.TryDeleteDocumentAsync(group, key, expectedRevision, cancellation);

    public Task<string> LeaseAsync(
        string name, string holder, TimeSpan time, CancellationToken cancellation) =>
        store.LeaseAsync(name, holder, time, cancellation);

    public Task ReleaseLeaseAsync(string name, string holder, CancellationToken cancellation) =>
        store.ReleaseLeaseAsync(name, holder, cancellation);

    public Task<bool> TryWriteDocumentAsync(
        StoredDocument document, long expectedRevision, AuditEntry audit, CancellationToken cancellation) =>
        store.TryWriteDocumentAsync(document, expectedRevision, audit, cancellation);

    public Task<bool> TryDeleteDocumentAsync(
        string group, string key, long expectedRevision, AuditEntry audit, CancellationToken cancellation) =>
        store.TryDeleteDocumentAsync(group, key, expectedRevision, audit, cancellation);

    public Task<AuditRecord> AppendAuditAsync(AuditEntry entry, CancellationToken cancellation) =>
        store.AppendAuditAsync(entry, cancellation);

    public Task<AuditHead> ReadAuditHeadAsync(CancellationToken cancellation) =>
        store.ReadAuditHeadAsync(cancellation);

    public Task<IReadOnlyList<StoredAudit>> ReadAuditAsync(long after, int limit, CancellationToken cancellation) =>
        store.ReadAuditAsync(after, limit, cancellation);

    public bool WritesRecordWithChange => store.WritesRecordWithChange;

    public Task<AuditedSubject> ReadAuditedAsync(string subject, CancellationToken cancellation) =>
        store.ReadAuditedAsync(subject, cancellation);

    public Task<bool> TryAppendCheckpointAsync(
        long number, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellation) =>
        store.TryAppendCheckpointAsync(number, checkpoint, cancellation);

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadCheckpointsAsync(CancellationToken cancellation) =>
        store.ReadCheckpointsAsync(cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
