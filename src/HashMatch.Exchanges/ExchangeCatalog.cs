using System.Text.Json;
using HashMatch.Exchanges.Syncing;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Exchanges;

/// <summary>The exchanges of a store. Safe for concurrent use, by any number of processes.</summary>
public sealed class ExchangeCatalog(IListStore store)
{
    /// <summary>The group of documents that exchanges are.</summary>
    public const string Group = AuditEntry.Exchanges;

    private const int MaxAttempts = 32;

    private readonly IListStore _store = store;

    /// <summary>Who changes definitions, for the audit log.</summary>
    public string Actor { get; private init; } = AuditEntry.Unknown;

    /// <summary>The same catalog for somebody.</summary>
    public ExchangeCatalog As(string actor) => new(_store) { Actor = actor };

    /// <summary>All exchanges, by name.</summary>
    public async Task<IReadOnlyList<StoredExchange>> ReadAllAsync(CancellationToken cancellation) =>
        [.. (await _store.ReadDocumentsAsync(Group, cancellation).ConfigureAwait(false)).Select(Decode)];

    /// <summary>One exchange; null when there is none.</summary>
    public async Task<StoredExchange?> ReadAsync(string name, CancellationToken cancellation) =>
        await _store.ReadDocumentAsync(Group, name, cancellation).ConfigureAwait(false) is { } stored
            ? Decode(stored)
            : null;

    /// <summary>Adds an exchange.</summary>
    /// <returns>What is wrong, for a person; null when it was added.</returns>
    public async Task<string?> AddAsync(
        string name, ExchangeDefinition definition, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(definition);
        string? problem = ListCatalog.NameProblem(name)
            ?? (ListCatalog.NameProblem(definition.List) is { } list ? $"the list's {list}" : definition.Problem());
        if (problem is not null)
        {
            return problem;
        }

        IReadOnlyList<StoredExchange> all = await ReadAllAsync(cancellation).ConfigureAwait(false);
        if (all.FirstOrDefault(each => each.State.Definition.List == definition.List) is { } other)
        {
            return other.Name == name
                ? $"there is an exchange '{name}' already"
                : $"list '{definition.List}' is kept by exchange '{other.Name}'";
        }

        StoredExchange added = new(name, new ExchangeState { Definition = definition, DefinedBy = Actor }, 1);
        return await TryWriteAsync(added, 0, "created", null, cancellation).ConfigureAwait(false)
            ? null
            : $"there is an exchange '{name}' already";
    }

    /// <summary>Changes an exchange's definition. Another address or group makes all be fetched anew.</summary>
    /// <returns>What is wrong, for a person; null when it was changed.</returns>
    public async Task<string?> SetAsync(
        string name, Func<ExchangeDefinition, ExchangeDefinition> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await ReadAsync(name, cancellation).ConfigureAwait(false) is not { } stored)
            {
                return $"there is no exchange '{name}'";
            }

            ExchangeDefinition before = stored.State.Definition;
            ExchangeDefinition after = change(before);
            if (after.Problem() is { } problem)
            {
                return problem;
            }

            bool sameFilter = before.Members.SequenceEqual(after.Members)
                && before.NotMembers.SequenceEqual(after.NotMembers);
            bool sameSource = before.BaseUrl == after.BaseUrl && before.Group == after.Group;
            ExchangeState state = stored.State with
            {
                Definition = after,
                // Who chose what is fetched stays who chose it.
                DefinedBy = sameSource && sameFilter ? stored.State.DefinedBy ?? Actor : Actor,
                IsStale = stored.State.IsStale || !sameFilter,
                NextRunAt = null,
            };
            if (!sameSource)
            {
                // Whoever fetches from the old place is no longer wanted.
                state = state with { Checkpoint = null, Pages = [], Run = null, Owner = null };
            }

            StoredExchange changed = stored with { State = state, Revision = stored.Revision + 1 };
            if (await TryWriteAsync(changed, stored.Revision, "updated", before, cancellation).ConfigureAwait(false))
            {
                return null;
            }
        }

        return $"exchange '{name}' keeps changing; try again";
    }

    /// <summary>Deletes an exchange with what was fetched; its list stays.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellation)
    {
        while (await ReadAsync(name, cancellation).ConfigureAwait(false) is { } stored)
        {
            AuditEntry audit = new(
                Actor,
                AuditEntry.Deleted,
                AuditEntry.OfDocument(Group, name),
                AuditDetail.Of(("list", stored.State.Definition.List)));
            if (await _store.TryDeleteDocumentAsync(Group, name, stored.Revision, audit, cancellation)
                .ConfigureAwait(false))
            {
                await PageSpool.DeleteAllAsync(_store, name, cancellation).ConfigureAwait(false);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes an exchange if its stored revision is the expected one.</summary>
    internal Task<bool> TryWriteAsync(
        StoredExchange exchange, long expectedRevision, CancellationToken cancellation) =>
        _store.TryWriteDocumentAsync(Encode(exchange), expectedRevision, cancellation);

    private Task<bool> TryWriteAsync(
        StoredExchange exchange,
        long expectedRevision,
        string action,
        ExchangeDefinition? before,
        CancellationToken cancellation) => _store.TryWriteDocumentAsync(
        Encode(exchange),
        expectedRevision,
        new AuditEntry(
            Actor,
            action,
            AuditEntry.OfDocument(Group, exchange.Name),
            AuditDetail.Of(DetailOf(before, exchange.State.Definition))),
        cancellation);

    private static StoredDocument Encode(StoredExchange exchange) => new(
        Group,
        exchange.Name,
        exchange.Revision,
        JsonSerializer.SerializeToUtf8Bytes(exchange.State, ExchangeJson.Default.ExchangeState));

    // A definition holds no credential. By its stored form, so that no setting is forgotten.
    private static IEnumerable<(string Name, object? Value)> DetailOf(
        ExchangeDefinition? before, ExchangeDefinition after)
    {
        JsonElement now = JsonSerializer.SerializeToElement(after, ExchangeJson.Default.ExchangeDefinition);
        JsonElement was = before is null
            ? default
            : JsonSerializer.SerializeToElement(before, ExchangeJson.Default.ExchangeDefinition);
        foreach (JsonProperty setting in now.EnumerateObject())
        {
            string value = setting.Value.ToString();
            if (before is null || !was.TryGetProperty(setting.Name, out JsonElement old) || old.ToString() != value)
            {
                yield return (setting.Name, value);
            }
        }

        foreach (JsonProperty gone in before is null ? default : was.EnumerateObject())
        {
            if (!now.TryGetProperty(gone.Name, out _))
            {
                yield return (gone.Name, "none");
            }
        }
    }

    private static StoredExchange Decode(StoredDocument stored)
    {
        try
        {
            ExchangeState state = JsonSerializer.Deserialize(stored.Content.Span, ExchangeJson.Default.ExchangeState)
                ?? throw new JsonException("It is null.");
            return state.Format == ExchangeState.CurrentFormat
                ? new StoredExchange(stored.Key, state, stored.Revision)
                : throw new StoreCorruptException(
                    $"Exchange {stored.Key} has format {state.Format}; this version of HashMatch reads 1.");
        }
        catch (JsonException e)
        {
            throw new StoreCorruptException($"The document of exchange {stored.Key} is not what was written.", e);
        }
    }
}
