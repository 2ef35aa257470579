using System.Globalization;
using System.Text.Json;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Access;

/// <summary>
/// The callers of a store: documents with hashes of keys, never keys. Safe for concurrent use, by any number of
/// processes.
/// </summary>
public sealed class CallerCatalog(IListStore store, TimeProvider time)
{
    /// <summary>The group of documents that callers are.</summary>
    public const string Group = "callers";

    private const int MaxAttempts = 32;

    /// <summary>Who changes callers, for the audit log.</summary>
    public string Actor { get; private init; } = AuditEntry.Unknown;

    /// <summary>The same catalog for somebody.</summary>
    public CallerCatalog As(string actor) => new(store, time) { Actor = actor };

    /// <summary>All callers, by name. One whose document cannot be read is left out and named to
    /// <paramref name="unreadable"/>: it must not lock out the others.</summary>
    public async Task<IReadOnlyList<StoredCaller>> ReadAllAsync(
        Action<string>? unreadable, CancellationToken cancellation)
    {
        List<StoredCaller> callers = [];
        foreach (StoredDocument document in await store.ReadDocumentsAsync(Group, cancellation).ConfigureAwait(false))
        {
            if (Decode(document) is { } caller)
            {
                callers.Add(caller);
            }
            else
            {
                unreadable?.Invoke(document.Key);
            }
        }

        return callers;
    }

    /// <summary>Adds a caller with a key. Refused: INVALID, CALLER_EXISTS.</summary>
    /// <param name="name">Named as lists are.</param>
    /// <param name="definition">Without keys.</param>
    /// <param name="key">Its first key.</param>
    /// <param name="cancellation">May leave the caller added.</param>
    public async Task<CallerResult> AddAsync(
        string name, CallerDefinition definition, ApiKey key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(key);
        if (ListCatalog.NameProblem(name) is { } bad)
        {
            return Invalid(bad);
        }

        DateTimeOffset now = time.GetUtcNow();
        StoredCaller added = new(
            name, definition with { CreatedAt = now, Keys = [new StoredKey(key.Id, key.Hash, now, null)] }, 1);
        return (added.Definition.Problem() ?? TimeProblem(definition, now)) is { } problem ? Invalid(problem)
            : await TryWriteAsync(added, 0, "created", cancellation).ConfigureAwait(false) ? new CallerResult(added)
            : new CallerResult(null, "CALLER_EXISTS", $"there is a caller '{name}' already");
    }

    /// <summary>Changes a caller. Refused: INVALID, CALLER_NOT_FOUND, LOST_RACE.</summary>
    public Task<CallerResult> UpdateAsync(
        string name, Func<CallerDefinition, CallerDefinition> change, CancellationToken cancellation) =>
        ChangeAsync(name, change, "updated", cancellation);

    private async Task<CallerResult> ChangeAsync(
        string name,
        Func<CallerDefinition, CallerDefinition> change,
        string action,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            (StoredCaller? caller, CallerResult? refusal) = await ReadAsync(name, cancellation).ConfigureAwait(false);
            if (caller is null)
            {
                return refusal!;
            }

            StoredCaller changed = new(name, change(caller.Definition), caller.Revision + 1);
            string? late = changed.Definition.ExpiresAt == caller.Definition.ExpiresAt
                ? null
                : TimeProblem(changed.Definition, time.GetUtcNow());
            if ((changed.Definition.Problem() ?? late) is { } problem)
            {
                return Invalid(problem);
            }

            if (await TryWriteAsync(changed, caller.Revision, action, cancellation).ConfigureAwait(false))
            {
                return new CallerResult(changed);
            }
        }

        return new CallerResult(null, "LOST_RACE", $"caller '{name}' keeps changing; try again");
    }

    /// <summary>Gives a caller another key; its older ones expire. Refused as of <see cref="UpdateAsync"/>.</summary>
    /// <param name="name">The caller.</param>
    /// <param name="key">Its new key.</param>
    /// <param name="overlap">So long the keys that it has are still taken.</param>
    /// <param name="cancellation">May leave the key added.</param>
    public Task<CallerResult> RotateAsync(
        string name, ApiKey key, TimeSpan overlap, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = now + overlap;
        return ChangeAsync(
            name,
            definition => definition with
            {
                Keys =
                [
                    new StoredKey(key.Id, key.Hash, now, null),
                    .. overlap <= TimeSpan.Zero ? [] : definition.Keys.Where(old => !(old.ExpiresAt <= now))
                        .Select(old => old with { ExpiresAt = old.ExpiresAt < end ? old.ExpiresAt : end }),
                ],
            },
            "key-rotated",
            cancellation);
    }

    /// <summary>Removes a caller with its keys. Refused: CALLER_NOT_FOUND, LOST_RACE.</summary>
    public async Task<CallerResult> RemoveAsync(string name, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            StoredDocument? document = ListCatalog.NameProblem(name) is not null ? null
                : await store.ReadDocumentAsync(Group, name, cancellation).ConfigureAwait(false);
            if (document is null)
            {
                return NotFound(name);
            }

            AuditEntry audit = new(Actor, AuditEntry.Deleted, AuditEntry.OfDocument(Group, name), AuditDetail.None);
            if (await store.TryDeleteDocumentAsync(Group, name, document.Revision, audit, cancellation)
                .ConfigureAwait(false))
            {
                return new CallerResult(
                    Decode(document) ?? new StoredCaller(name, new CallerDefinition(), document.Revision));
            }
        }

        return new CallerResult(null, "LOST_RACE", $"caller '{name}' keeps changing; try again");
    }

    private async Task<(StoredCaller? Caller, CallerResult? Refusal)> ReadAsync(
        string name, CancellationToken cancellation)
    {
        StoredDocument? document = ListCatalog.NameProblem(name) is not null ? null
            : await store.ReadDocumentAsync(Group, name, cancellation).ConfigureAwait(false);
        return document is null ? (null, NotFound(name))
            : Decode(document) is { } caller ? (caller, null)
            : throw new StoreCorruptException($"The document of caller {name} is not what was written.");
    }

    private Task<bool> TryWriteAsync(
        StoredCaller caller, long expectedRevision, string action, CancellationToken cancellation) =>
        store.TryWriteDocumentAsync(
            new StoredDocument(
                Group,
                caller.Name,
                caller.Revision,
                JsonSerializer.SerializeToUtf8Bytes(caller.Definition, CallerJson.Default.CallerDefinition)),
            expectedRevision,
            new AuditEntry(
                Actor, action, AuditEntry.OfDocument(Group, caller.Name), DetailOf(caller.Definition)),
            cancellation);

    // What the caller may, and how many keys it has: nothing of a key.
    private static string DetailOf(CallerDefinition definition) => AuditDetail.Of(
        ("roles", string.Join(',', definition.Roles)),
        ("details", definition.Details),
        ("disabled", definition.Disabled),
        ("rate", definition.Rate),
        ("expires_at", definition.ExpiresAt?.ToString("O", CultureInfo.InvariantCulture)),
        ("keys", definition.Keys.Count));

    private static StoredCaller? Decode(StoredDocument document)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Content.Span, CallerJson.Default.CallerDefinition) is
            { Format: CallerDefinition.CurrentFormat, Roles: not null, Keys: not null } definition
                && definition.Keys.All(key => ApiKey.IsId(key?.Id) && ApiKey.IsHash(key?.Hash))
                ? new StoredCaller(document.Key, definition, document.Revision)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A slip in a year would make a caller that nothing lets in, and say so nowhere.
    private static string? TimeProblem(CallerDefinition definition, DateTimeOffset now) =>
        definition.ExpiresAt <= now
            ? $"the time from which a caller is refused must be to come, and {definition.ExpiresAt:u} is past"
            : null;

    private static CallerResult Invalid(string problem) => new(null, "INVALID", problem);

    private static CallerResult NotFound(string name) =>
        new(null, "CALLER_NOT_FOUND", $"there is no caller '{name}'");
}
