using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Curating;

/// <summary>
/// Curates lists, on a store or through a server. Refusals are values, as <see cref="ListCatalog"/> defines them; what
/// does not answer throws.
/// </summary>
internal interface ICurator : IAsyncDisposable
{
    /// <summary>Names the store or the server for a person; holds no secret.</summary>
    string Description { get; }

    Task<IReadOnlyList<HashList>> ReadAllAsync(CancellationToken cancellation);

    Task<CatalogResult<HashList>> ReadAsync(string name, CancellationToken cancellation);

    /// <summary>The newest lines of a list's change log; null when this way of curating cannot read it.</summary>
    Task<IReadOnlyList<ListChange>?> ReadChangesAsync(string name, int limit, CancellationToken cancellation);

    Task<CatalogResult<HashList>> CreateAsync(
        string name, string description, MatchPolicy policy, CancellationToken cancellation);

    Task<CatalogResult<HashList>> UpdateAsync(string name, ListUpdate update, CancellationToken cancellation);

    Task<CatalogResult<HashList>> DeleteAsync(string name, long? expectedRevision, CancellationToken cancellation);

    Task<CatalogResult<StageResult>> StageAsync(
        string name,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation);

    Task<CatalogResult<HashList>> ActivateAsync(
        string name, long version, long? expectedActive, bool force, CancellationToken cancellation);

    Task<CatalogResult<HashList>> ApproveVersionAsync(string name, long version, CancellationToken cancellation);

    Task<CatalogResult<HashList>> ApproveChangeAsync(string name, long revision, CancellationToken cancellation);

    Task<CatalogResult<HashList>> RejectChangeAsync(string name, long revision, CancellationToken cancellation);

    Task<CatalogResult<HashList>> RollBackAsync(
        string name, long? toVersion, long? expectedActive, CancellationToken cancellation);

    Task<CatalogResult<HashList>> RetireAsync(string name, long version, CancellationToken cancellation);

    Task<CatalogResult<HashList>> DeleteVersionAsync(string name, long version, CancellationToken cancellation);

    Task<CatalogResult<EditResult>> AddEntriesAsync(
        string name, IReadOnlyList<HashEntry> entries, bool force, CancellationToken cancellation);

    Task<CatalogResult<EditResult>> RemoveEntriesAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation);

    Task<CatalogResult<HashList>> ReleaseAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation);

    /// <summary>Records of the audit log, as <see cref="AuditLog.ReadAsync"/> gives them.</summary>
    Task<IReadOnlyList<AuditView>> ReadAuditAsync(
        long after, int limit, string? list, CancellationToken cancellation);

    /// <summary>Match events after a cursor (empty: from the oldest kept), oldest first.</summary>
    Task<IReadOnlyList<Proto.V1.MatchEvent>> ReadEventsAsync(string after, int limit, CancellationToken cancellation);
}
