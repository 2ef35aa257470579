using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Curates the lists of one store. Expected refusals are values; a store that does not answer throws
/// <see cref="StoreUnavailableException"/>. Safe for concurrent use, by any number of processes.
/// </summary>
public sealed class ListCatalog(IListStore store, TimeProvider time)
{
    /// <summary>Entries that one edit may hold.</summary>
    public const int MaxEditEntries = 8192;

    private readonly IListStore _store = store;
    private readonly TimeProvider _time = time;

    /// <summary>All lists, by name.</summary>
    public Task<IReadOnlyList<HashList>> ReadAllAsync(CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>One list.</summary>
    public Task<CatalogResult<HashList>> ReadAsync(string name, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Creates a list without a version. Refused: Invalid, ListExists.</summary>
    public Task<CatalogResult<HashList>> CreateAsync(
        string name, string description, MatchPolicy policy, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Changes description or policy. Refused: Invalid, ListNotFound, LostRace.</summary>
    public Task<CatalogResult<HashList>> UpdateAsync(
        string name, ListUpdate update, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Deletes a list with its versions; returns it as it was. Refused: ListNotFound, LostRace.</summary>
    public Task<CatalogResult<HashList>> DeleteAsync(
        string name, long? expectedRevision, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>
    /// Stores lines as a new version, without holding them in memory. Until it returns nothing of it is visible, and
    /// what an interrupted call leaves behind is collected later. Without SkipInvalid bad lines refuse the whole
    /// (Value.Version is null then). Refused: ListNotFound, Invalid (no entry at all).
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="lines">Read once, to the end.</param>
    /// <param name="options">Source and what to do with bad lines.</param>
    /// <param name="progress">Lines taken so far; null for none.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public Task<CatalogResult<StageResult>> StageAsync(
        string name,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>
    /// Makes a staged version active by compare-and-set. Activating the active version changes nothing. Refused:
    /// ListNotFound, VersionNotFound, VersionNotStaged, LostRace.
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="version">Its version.</param>
    /// <param name="expectedActive">Null: whatever version is active.</param>
    /// <param name="cancellation">Before the switch only.</param>
    public Task<CatalogResult<HashList>> ActivateAsync(
        string name, long version, long? expectedActive, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>
    /// Activates the version that was active before, or an older one by number. Refused: ListNotFound,
    /// VersionNotFound, NothingToRollBack, LostRace.
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="toVersion">Null: the one before.</param>
    /// <param name="expectedActive">Null: whatever version is active.</param>
    /// <param name="cancellation">Before the switch only.</param>
    public Task<CatalogResult<HashList>> RollBackAsync(
        string name, long? toVersion, long? expectedActive, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Takes a staged version out of the running. Refused: ListNotFound, VersionNotFound,
    /// VersionIsActive.</summary>
    public Task<CatalogResult<HashList>> RetireAsync(
        string name, long version, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Deletes a version that is not active. Refused: ListNotFound, VersionNotFound, VersionIsActive.</summary>
    public Task<CatalogResult<HashList>> DeleteVersionAsync(
        string name, long version, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>
    /// Adds or replaces entries: a new version that shares the active one's content, active at once. All or none.
    /// Refused: ListNotFound, NoActiveVersion, Invalid, LostRace (after retries).
    /// </summary>
    public Task<CatalogResult<EditResult>> AddEntriesAsync(
        string name, IReadOnlyList<HashEntry> entries, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Removes entries, likewise.</summary>
    public Task<CatalogResult<EditResult>> RemoveEntriesAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>
    /// Copies a list's description, policy and active version into another catalog, where it is activated. Refused:
    /// ListNotFound, NoActiveVersion, ListExists (in the target, unless <paramref name="replace"/>).
    /// </summary>
    public Task<CatalogResult<HashList>> CopyAsync(
        string name, ListCatalog target, bool replace, IProgress<long>? progress, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Deletes blobs that no version names and that are older than <paramref name="minAge"/>.</summary>
    /// <returns>How many were deleted.</returns>
    public Task<int> CollectGarbageAsync(TimeSpan minAge, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
