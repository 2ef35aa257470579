using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Curating;

/// <summary>Curates the lists of a store, without a server; running servers follow by themselves.</summary>
internal sealed class StoreCurator(IListStore store, TimeProvider time) : ICurator
{
    private readonly ListCatalog _catalog = new ListCatalog(store, time).As(LocalUser.Actor);

    public string Description => store.Description;

    /// <summary>Opens the store of an address and owns it.</summary>
    /// <exception cref="FailureException">The address is not one.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be opened.</exception>
    public static async Task<StoreCurator> OpenAsync(string address, CancellationToken cancellation) =>
        new(await OpenStoreAsync(address, cancellation), TimeProvider.System);

    /// <inheritdoc cref="OpenAsync"/>
    public static async Task<IListStore> OpenStoreAsync(string address, CancellationToken cancellation)
    {
        try
        {
            return await ListStores.OpenAsync(address, TimeProvider.System, cancellation);
        }
        catch (FormatException exception)
        {
            throw new FailureException(
                new Failure(
                    "BAD_STORE_ADDRESS",
                    exception.Message,
                    "Write `sqlite:FOLDER` or `redis:HOST:PORT`; see --store and HASHMATCH__STORE."),
                exception);
        }
    }

    public Task<IReadOnlyList<HashList>> ReadAllAsync(CancellationToken cancellation) =>
        _catalog.ReadAllAsync(cancellation);

    public Task<CatalogResult<HashList>> ReadAsync(string name, CancellationToken cancellation) =>
        _catalog.ReadAsync(name, cancellation);

    public async Task<IReadOnlyList<ListChange>?> ReadChangesAsync(
        string name, int limit, CancellationToken cancellation) =>
        await store.ReadChangesAsync(name, limit, cancellation);

    public Task<CatalogResult<HashList>> CreateAsync(
        string name, string description, MatchPolicy policy, CancellationToken cancellation) =>
        _catalog.CreateAsync(name, description, policy, cancellation);

    public Task<CatalogResult<HashList>> UpdateAsync(
        string name, ListUpdate update, CancellationToken cancellation) =>
        _catalog.UpdateAsync(name, update, cancellation);

    public Task<CatalogResult<HashList>> DeleteAsync(
        string name, long? expectedRevision, CancellationToken cancellation) =>
        _catalog.DeleteAsync(name, expectedRevision, cancellation);

    public Task<CatalogResult<StageResult>> StageAsync(
        string name,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation) =>
        _catalog.StageAsync(name, lines, options, progress, cancellation);

    public Task<CatalogResult<HashList>> ActivateAsync(
        string name, long version, long? expectedActive, bool force, CancellationToken cancellation) =>
        _catalog.ActivateAsync(name, version, expectedActive, force, cancellation);

    public Task<CatalogResult<HashList>> ApproveVersionAsync(
        string name, long version, CancellationToken cancellation) =>
        _catalog.ApproveVersionAsync(name, version, cancellation);

    public Task<CatalogResult<HashList>> ApproveChangeAsync(
        string name, long revision, CancellationToken cancellation) =>
        _catalog.ApproveChangeAsync(name, revision, cancellation);

    public Task<CatalogResult<HashList>> RejectChangeAsync(
        string name, long revision, CancellationToken cancellation) =>
        _catalog.RejectChangeAsync(name, revision, cancellation);

    public Task<CatalogResult<HashList>> RollBackAsync(
        string name, long? toVersion, long? expectedActive, CancellationToken cancellation) =>
        _catalog.RollBackAsync(name, toVersion, expectedActive, cancellation);

    public Task<CatalogResult<HashList>> RetireAsync(string name, long version, CancellationToken cancellation) =>
        _catalog.RetireAsync(name, version, cancellation);

    public Task<CatalogResult<HashList>> DeleteVersionAsync(
        string name, long version, CancellationToken cancellation) =>
        _catalog.DeleteVersionAsync(name, version, cancellation);

    public Task<CatalogResult<EditResult>> AddEntriesAsync(
        string name, IReadOnlyList<HashEntry> entries, bool force, CancellationToken cancellation) =>
        _catalog.AddEntriesAsync(name, entries, force, cancellation);

    public Task<CatalogResult<EditResult>> RemoveEntriesAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation) =>
        _catalog.RemoveEntriesAsync(name, keys, cancellation);

    public Task<CatalogResult<HashList>> ReleaseAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation) =>
        _catalog.ReleaseAsync(name, keys, cancellation);

    public Task<IReadOnlyList<AuditView>> ReadAuditAsync(
        long after, int limit, string? list, CancellationToken cancellation) => new AuditLog(store, time).ReadAsync(
        after, limit, list is null ? null : AuditEntry.OfList(list), cancellation);

    public async Task<IReadOnlyList<Proto.V1.MatchEvent>> ReadEventsAsync(
        string after, int limit, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<StoredEvent> stored =
                await store.ReadEventsAsync(after.Length == 0 ? null : after, limit, cancellation);
            return [.. stored.Select(Read)];
        }
        catch (FormatException exception)
        {
            throw new FailureException(
                new Failure("BAD_CURSOR", exception.Message, "Use a cursor that `hashmatch events` printed."),
                exception);
        }
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static Proto.V1.MatchEvent Read(StoredEvent stored)
    {
        try
        {
            Proto.V1.MatchEvent read = Proto.V1.MatchEvent.Parser.ParseFrom(stored.Document.Span);
            read.Cursor = stored.Cursor;
            read.Time ??= new Timestamp();
            return read;
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new StoreCorruptException($"Event {stored.Cursor} is not one that this version reads.", exception);
        }
    }
}
