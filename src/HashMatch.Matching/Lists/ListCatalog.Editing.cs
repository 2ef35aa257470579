using System.Globalization;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>Single entries in and out of the active version.</content>
public sealed partial class ListCatalog
{
    /// <summary>
    /// Adds or replaces entries: a new version that shares the active one's content, active at once. All or none; of
    /// entries with one type and value the last one counts. Where the list needs two persons the version is staged and
    /// waits for approval. Refused: ListNotFound, NoActiveVersion, Invalid, NotAPerson, LostRace (after retries).
    /// </summary>
    public Task<CatalogResult<EditResult>> AddEntriesAsync(
        string name, IReadOnlyList<HashEntry> entries, CancellationToken cancellation) =>
        AddEntriesAsync(name, entries, force: false, cancellation);

    /// <inheritdoc cref="AddEntriesAsync(string, IReadOnlyList{HashEntry}, CancellationToken)"/>
    /// <param name="name">The list.</param>
    /// <param name="entries">Up to <see cref="MaxEditEntries"/>.</param>
    /// <param name="force">Let entries past the guards, and say so in the list's change log.</param>
    /// <param name="cancellation">Before the switch only.</param>
    public async Task<CatalogResult<EditResult>> AddEntriesAsync(
        string name, IReadOnlyList<HashEntry> entries, bool force, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (EditProblem("entries", entries.Count) is { } refused)
        {
            return refused;
        }

        CatalogResult<HashList> list = await ReadAsync(name, cancellation).ConfigureAwait(false);
        if (!list.IsOk)
        {
            return Refusal.Of<EditResult>(list.Error, list.Message, list.Field);
        }

        using EntryGuards guards = await GuardsOfAsync(list.Value, force, cancellation).ConfigureAwait(false);
        for (int i = 0; i < entries.Count; i++)
        {
            if (guards.Problem(entries[i]) is { } problem)
            {
                return Refusal.Of<EditResult>(CatalogError.Invalid, problem, FieldOf("entries", i));
            }
        }

        return await EditAsync(
            name,
            new Edit(entries.Count, (rows, i) => rows.TryAdd(entries[i])) { What = guards.Passed.Line("edited") },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Removes entries, likewise. A call whose keys are all missing changes nothing.</summary>
    public Task<CatalogResult<EditResult>> RemoveEntriesAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(keys);
        CatalogResult<EditResult>? refused = EditProblem("keys", keys.Count);
        for (int i = 0; i < keys.Count && refused is null; i++)
        {
            if (!Enum.IsDefined(keys[i].Type))
            {
                refused = Refusal.Of<EditResult>(
                    CatalogError.Invalid, $"type must be {TypeNames.All}", FieldOf("keys", i));
            }
        }

        return refused is null
            ? EditAsync(name, new Edit(keys.Count, (rows, i) => rows.TryAddTombstone(keys[i])), cancellation)
            : Task.FromResult(refused);
    }

    private static string FieldOf(string field, int place) =>
        string.Create(CultureInfo.InvariantCulture, $"{field}[{place}]");

    private static CatalogResult<EditResult>? EditProblem(string field, int count) => count switch
    {
        0 => Refusal.Of<EditResult>(CatalogError.Invalid, $"there are no {field}", field),
        > MaxEditEntries => Refusal.Of<EditResult>(
            CatalogError.Invalid, $"there are {count} {field}: an edit holds up to {MaxEditEntries}", field),
        _ => null,
    };

    private async Task<CatalogResult<EditResult>> EditAsync(string name, Edit edit, CancellationToken cancellation)
    {
        RowBuffer rows = edit.Sorted();
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
            if (!read.IsOk)
            {
                return Refusal.Of<EditResult>(read.Error, read.Message, read.Field);
            }

            if (read.Value.Find(read.Value.ActiveVersion) is not { } active)
            {
                return Refusal.NoActiveVersion<EditResult>(name);
            }

            if (NobodyProblem<EditResult>(read.Value, Actor) is { } nobody)
            {
                return nobody;
            }

            BlobWriter writer = new(_store, name);
            CatalogResult<EditResult>? result = null;
            try
            {
                result = await EditAsync(read.Value, active, writer, rows, edit.What, cancellation)
                    .ConfigureAwait(false);
            }
            catch (StoreCorruptException)
            {
                await writer.AbandonAsync().ConfigureAwait(false);
                if (!await HasChangedAsync(read.Value, cancellation).ConfigureAwait(false))
                {
                    throw;
                }

                // The version that it was based on went away meanwhile, with its content: again.
            }
            catch
            {
                await writer.AbandonAsync().ConfigureAwait(false);
                throw;
            }

            if (result is not null)
            {
                return result;
            }

            await writer.AbandonAsync().ConfigureAwait(false);
            await BackOffAsync(attempt, cancellation).ConfigureAwait(false);
        }

        return Refusal.LostRace<EditResult>(name, "keeps changing");
    }

    // Null when another version became active meanwhile: then all must be done again.
    private async Task<CatalogResult<EditResult>?> EditAsync(
        HashList list,
        ListVersion active,
        BlobWriter writer,
        RowBuffer rows,
        string what,
        CancellationToken cancellation)
    {
        VersionManifest from = await ReadManifestAsync(list, active, cancellation).ConfigureAwait(false);
        ContentEdit content = new(writer, from, Limits);
        bool[] present = await content.FindAsync(rows, cancellation).ConfigureAwait(false);
        EditPlan plan = EditPlan.Of(rows, present, from.Entries);
        if (!plan.Wanted.Contains(true))
        {
            return await UnchangedAsync<EditResult>(
                list.Name, new EditResult(list, 0, 0, 0, plan.Missing), cancellation).ConfigureAwait(false);
        }

        VersionManifest manifest = await content.ApplyAsync(rows, plan.Wanted, plan.Entries, cancellation)
            .ConfigureAwait(false);
        (string manifestId, string digest) = await WriteManifestAsync(writer, manifest, cancellation)
            .ConfigureAwait(false);
        DateTimeOffset now = _time.GetUtcNow();
        ListVersion version = new()
        {
            Number = 0,
            State = VersionState.Staged,
            Entries = manifest.Entries,
            CreatedAt = now,
            Source = string.Create(CultureInfo.InvariantCulture, $"edit of {active.Number}"),
            IsEdit = true,
            StagedBy = Actor,
            BasedOn = active.Number,
            ManifestId = manifestId,
            ManifestDigest = digest,
        };
        IReadOnlyList<ListVersion> surplus = [];
        writer.MayBeNamed = true;
        CatalogResult<HashList> changed = await ChangeAsync(
            list.Name,
            what,
            current =>
            {
                if (current.Id != list.Id || current.ActiveVersion != active.Number)
                {
                    return Refusal.LostRace<HashList>(list.Name, "has another active version");
                }

                HashList edited = current.Stage(version);
                if (current.NeedsTwo)
                {
                    return edited;
                }

                edited = edited.Activate(current.NextVersion, now);
                IReadOnlyCollection<long> gone = edited.SurplusEdits();
                surplus = [.. edited.Versions.Where(v => gone.Contains(v.Number))];
                return gone.Count > 0 ? edited.Remove(gone) : edited;
            },
            cancellation).ConfigureAwait(false);
        writer.MayBeNamed = changed.IsOk;
        if (!changed.IsOk)
        {
            return changed.Error == CatalogError.LostRace
                ? null
                : Refusal.Of<EditResult>(changed.Error, changed.Message, changed.Field);
        }

        if (surplus.Count > 0)
        {
            await DropVersionsAsync(changed.Value, surplus, cancellation).ConfigureAwait(false);
        }

        ListVersion made = changed.Value.Versions[0];
        return new EditResult(changed.Value, plan.Added, plan.Replaced, plan.Removed, plan.Missing)
        {
            Staged = made.State == VersionState.Staged ? made.Number : 0,
        };
    }

    private async Task<bool> HasChangedAsync(HashList list, CancellationToken cancellation)
    {
        CatalogResult<HashList> read = await ReadAsync(list.Name, cancellation).ConfigureAwait(false);
        return !read.IsOk || read.Value.Id != list.Id || read.Value.ActiveVersion != list.ActiveVersion;
    }

    private sealed record Edit(int Count, Func<RowBuffer, int, bool> Add)
    {
        /// <summary>The change's line.</summary>
        public string What { get; init; } = "edited";

        public RowBuffer Sorted()
        {
            RowBuffer rows = new((MaxEditEntries + 1) * PackedRow.MaxBytes);
            for (int i = 0; i < Count; i++)
            {
                Add(rows, i);
            }

            rows.Sort();
            return rows;
        }
    }
}
