using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Curates the lists of one store. Expected refusals are values; a store that does not answer throws
/// <see cref="StoreUnavailableException"/>, content that is not whole <see cref="StoreCorruptException"/>. Safe for
/// concurrent use, by any number of processes.
/// </summary>
public sealed partial class ListCatalog(IListStore store, TimeProvider time)
{
    /// <summary>Entries that one edit may hold.</summary>
    public const int MaxEditEntries = 8192;

    private const int MaxAttempts = 32;

    private readonly IListStore _store = store;
    private readonly TimeProvider _time = time;

    /// <summary>Who makes the changes; see <see cref="As"/>.</summary>
    public string Actor { get; private init; } = AuditEntry.Unknown;

    /// <summary>Bounds of what staging holds in memory.</summary>
    internal StagingLimits Limits { get; init; } = new();

    /// <summary>The same catalog for somebody: the audit log names the actor, and a list that needs two persons tells
    /// them by it.</summary>
    /// <param name="actor">Who; see <see cref="Person"/>.</param>
    public ListCatalog As(string actor) => new(_store, _time) { Actor = actor, Limits = Limits };

    /// <summary>All lists, by name.</summary>
    public async Task<IReadOnlyList<HashList>> ReadAllAsync(CancellationToken cancellation)
    {
        IReadOnlyList<StoredList> stored = await _store.ReadListsAsync(cancellation).ConfigureAwait(false);
        return [.. stored.Select(ListDocument.Decode).OrderBy(list => list.Name, StringComparer.Ordinal)];
    }

    /// <summary>One list.</summary>
    public async Task<CatalogResult<HashList>> ReadAsync(string name, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (NameProblem(name) is { } problem)
        {
            return Refusal.Of<HashList>(CatalogError.Invalid, problem, "name");
        }

        StoredList? stored = await _store.ReadListAsync(name, cancellation).ConfigureAwait(false);
        return stored is null ? Refusal.ListNotFound<HashList>(name) : ListDocument.Decode(stored);
    }

    /// <summary>Creates a list without a version. Refused: Invalid, ListExists.</summary>
    public async Task<CatalogResult<HashList>> CreateAsync(
        string name, string description, MatchPolicy policy, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(policy);
        if (NameProblem(name) is { } nameProblem)
        {
            return Refusal.Of<HashList>(CatalogError.Invalid, nameProblem, "name");
        }

        DateTimeOffset now = _time.GetUtcNow();
        HashList list = new()
        {
            Name = name,
            Id = Guid.NewGuid(),
            Description = description,
            Policy = policy,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (Problem(list) is { } problem)
        {
            return problem;
        }

        bool created = await _store.TryWriteListAsync(
            ListDocument.Encode(list), 0, LineOf(null, list, "created", now), cancellation).ConfigureAwait(false);
        return created
            ? list
            : Refusal.Of<HashList>(CatalogError.ListExists, $"there is a list '{name}' already", "name");
    }

    /// <summary>Changes description or policy. Of a list that needs two persons and has an active version, a change of
    /// the policy waits for approval: then the list has it as <see cref="HashList.Pending"/>, in the place of one that
    /// waited. Refused: Invalid, ListNotFound, LostRace, NotAPerson.</summary>
    public Task<CatalogResult<HashList>> UpdateAsync(
        string name, ListUpdate update, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(update);
        return ChangeAsync(
            name,
            (before, after) => before.Pending?.Revision == after.Pending?.Revision ? "updated" : "proposed",
            list =>
            {
                if (update.ExpectedRevision is { } expected && expected != list.Revision)
                {
                    return Refusal.LostRace<HashList>(name, $"has revision {list.Revision}, not {expected}");
                }

                HashList changed = list with
                {
                    Description = update.Description ?? list.Description,
                    Policy = update.Apply(list.Policy),
                };
                return KindProblem(list, changed) ?? Problem(changed)
                    ?? (changed.Description == list.Description && changed.Policy == list.Policy ? list
                        : IsHeld(list) && changed.Policy != list.Policy ? Proposed(list, update)
                        : changed);
            },
            cancellation);
    }

    /// <summary>Deletes a list with its versions; returns it as it was. Of a list that needs two persons and has an
    /// active version, the deletion waits for approval: then the list is returned with it as
    /// <see cref="HashList.Pending"/>. Refused: ListNotFound, LostRace, NotAPerson.</summary>
    public async Task<CatalogResult<HashList>> DeleteAsync(
        string name, long? expectedRevision, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
            if (!read.IsOk)
            {
                return read;
            }

            HashList list = read.Value;
            if (expectedRevision is { } expected && expected != list.Revision)
            {
                return Refusal.LostRace<HashList>(name, $"has revision {list.Revision}, not {expected}");
            }

            if (IsHeld(list))
            {
                return await ProposeDeletionAsync(list, cancellation).ConfigureAwait(false);
            }

            if (await TryDeleteAsync(list, cancellation).ConfigureAwait(false))
            {
                return list;
            }

            await BackOffAsync(attempt, cancellation).ConfigureAwait(false);
        }

        return Refusal.LostRace<HashList>(name, "keeps changing");
    }

    private async Task<bool> TryDeleteAsync(HashList list, CancellationToken cancellation)
    {
        // Only blobs that its versions name: another list of this name may be staging by the time they go.
        HashSet<string> blobs = await NamedBlobsAsync(list, list.Versions, tolerant: true, cancellation)
            .ConfigureAwait(false);
        ListChange change = LineOf(list, null, ListChange.Deleted, _time.GetUtcNow());
        if (!await _store.TryDeleteListAsync(list.Name, list.Revision, change, cancellation).ConfigureAwait(false))
        {
            return false;
        }

        await TryDeleteBlobsAsync(list.Name, blobs, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>What is wrong with a list's name; null when nothing is.</summary>
    public static string? NameProblem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool good = name.Length is > 0 and <= HashList.MaxNameLength
            && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');
        return good ? null
            : "name must be 1 to 64 of a-z, 0-9, '.', '_' and '-', and begin with a letter or a digit";
    }

    /// <summary>
    /// Replaces a list's document by compare-and-set, again while others change it; <paramref name="change"/> says on
    /// every attempt whether it still wants to. Returning the same instance changes nothing.
    /// </summary>
    private Task<CatalogResult<HashList>> ChangeAsync(
        string name, string what, Func<HashList, CatalogResult<HashList>> change, CancellationToken cancellation) =>
        ChangeAsync(name, (_, _) => what, change, cancellation);

    /// <param name="name">The list.</param>
    /// <param name="what">The change's line, told from the list as it was before and as it will be.</param>
    /// <param name="change">As above.</param>
    /// <param name="cancellation">Before a write.</param>
    private async Task<CatalogResult<HashList>> ChangeAsync(
        string name,
        Func<HashList, HashList, string> what,
        Func<HashList, CatalogResult<HashList>> change,
        CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
            CatalogResult<HashList> changed = read.IsOk ? change(read.Value) : read;
            if (!changed.IsOk || ReferenceEquals(changed.Value, read.Value))
            {
                return await UnchangedAsync(name, changed, cancellation).ConfigureAwait(false);
            }

            DateTimeOffset now = _time.GetUtcNow();
            HashList next = changed.Value with { Revision = read.Value!.Revision + 1, UpdatedAt = now };
            ListChange line = LineOf(read.Value, next, what(read.Value, next), now);
            if (await _store.TryWriteListAsync(ListDocument.Encode(next), next.Revision - 1, line, cancellation)
                .ConfigureAwait(false))
            {
                return next;
            }

            await BackOffAsync(attempt, cancellation).ConfigureAwait(false);
        }

        return Refusal.LostRace<HashList>(name, "keeps changing");
    }

    private ListChange LineOf(HashList? before, HashList? after, string what, DateTimeOffset at)
    {
        string note = what.Contains(',', StringComparison.Ordinal) ? what[(what.IndexOf(',', StringComparison.Ordinal)
            + 1)..].Trim() : "";
        return new ListChange((after ?? before)!.Name, after?.Revision ?? before!.Revision + 1, what, at)
        {
            Actor = Actor,
            Detail = ListChangeDetail.Of(before, after, note),
        };
    }

    // What is there already may be there because of an earlier call that was told nothing certain.
    private async Task<CatalogResult<T>> UnchangedAsync<T>(
        string name, CatalogResult<T> result, CancellationToken cancellation)
        where T : class
    {
        if (result.IsOk)
        {
            await _store.ConfirmListAsync(name, cancellation).ConfigureAwait(false);
        }

        return result;
    }

    // Real time even under a test's clock: it only spreads those who race.
    private static Task BackOffAsync(int attempt, CancellationToken cancellation) =>
        Task.Delay(Random.Shared.Next(1, 4 << Math.Min(attempt, 6)), cancellation);

    // A slip must not turn known abuse material into what is known to be harmless, or the other way round.
    private static CatalogResult<HashList>? KindProblem(HashList list, HashList changed) =>
        list.ActiveVersion != 0 && changed.Policy.Kind != list.Policy.Kind
            ? Refusal.Of<HashList>(
                CatalogError.Invalid,
                $"kind of list '{list.Name}' cannot change any more: it has an active version; create another list",
                "policy.kind")
            : null;

    private static CatalogResult<HashList>? Problem(HashList list) =>
        EntryGuard.TextProblem("description", list.Description, HashList.MaxDescriptionBytes) is { } problem
            ? Refusal.Of<HashList>(CatalogError.Invalid, problem, "description")
        : list.Policy.Problem() is { } policy
            ? Refusal.Of<HashList>(CatalogError.Invalid, policy, $"policy.{policy.Split(' ')[0]}")
        : null;
}
