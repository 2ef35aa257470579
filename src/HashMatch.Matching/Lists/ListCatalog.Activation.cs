namespace HashMatch.Matching.Lists;

/// <content>Which version is active, and which are kept.</content>
public sealed partial class ListCatalog
{
    /// <summary>
    /// Makes a staged version active by compare-and-set, once all of its content was read and found whole. Activating
    /// the active version changes nothing. Refused: ListNotFound, VersionNotFound, VersionNotStaged,
    /// GuardSizeChange, NeedsApproval, LostRace.
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="version">Its version.</param>
    /// <param name="expectedActive">Null: whatever version is active.</param>
    /// <param name="cancellation">Before the switch only.</param>
    public Task<CatalogResult<HashList>> ActivateAsync(
        string name, long version, long? expectedActive, CancellationToken cancellation) =>
        ActivateAsync(name, version, expectedActive, force: false, cancellation);

    /// <inheritdoc cref="ActivateAsync(string, long, long?, CancellationToken)"/>
    /// <param name="name">The list.</param>
    /// <param name="version">Its version.</param>
    /// <param name="expectedActive">Null: whatever version is active.</param>
    /// <param name="force">Pass the guard of the size, and say so in the list's change log.</param>
    /// <param name="cancellation">Before the switch only.</param>
    public async Task<CatalogResult<HashList>> ActivateAsync(
        string name, long version, long? expectedActive, bool force, CancellationToken cancellation)
    {
        CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
        if (!read.IsOk)
        {
            return read;
        }

        CatalogResult<HashList> wanted = Activated(read.Value, version, expectedActive, force);
        if (!wanted.IsOk || ReferenceEquals(wanted.Value, read.Value))
        {
            return await UnchangedAsync(name, wanted, cancellation).ConfigureAwait(false);
        }

        string? problem = await ContentProblemAsync(read.Value, read.Value.Find(version)!, cancellation)
            .ConfigureAwait(false);
        return problem is not null
            ? Refusal.Of<HashList>(CatalogError.VersionNotStaged, problem, "version")
            : await ChangeAsync(
                name,
                (list, _) => SizeProblem(list, version) is { } size
                    ? $"activated, forced past size: {size}"
                    : "activated",
                list => list.Id == read.Value.Id
                    ? Activated(list, version, expectedActive, force)
                    : Refusal.ListNotFound<HashList>(name),
                cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Activates the version that was active before, or an older one by number. Refused: ListNotFound,
    /// VersionNotFound, VersionNotStaged (its content is not whole), NothingToRollBack, LostRace, NeedsApproval: where
    /// two persons are needed, one is enough to go back to what was active before, and to nothing else;
    /// GuardSizeChange, of a version that was never active.
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="toVersion">Null: the one before.</param>
    /// <param name="expectedActive">Null: whatever version is active.</param>
    /// <param name="cancellation">Before the switch only.</param>
    public async Task<CatalogResult<HashList>> RollBackAsync(
        string name, long? toVersion, long? expectedActive, CancellationToken cancellation)
    {
        CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
        if (!read.IsOk)
        {
            return read;
        }

        CatalogResult<HashList> wanted = RolledBack(read.Value, toVersion, expectedActive);
        if (!wanted.IsOk || ReferenceEquals(wanted.Value, read.Value))
        {
            return await UnchangedAsync(name, wanted, cancellation).ConfigureAwait(false);
        }

        long target = wanted.Value.ActiveVersion;
        string? problem = await KeptProblemAsync(read.Value, read.Value.Find(target)!, cancellation)
            .ConfigureAwait(false);
        if (problem is not null)
        {
            return Refusal.Of<HashList>(CatalogError.VersionNotStaged, problem, "to_version");
        }

        return await ChangeAsync(
            name,
            "rolled-back",
            list =>
            {
                CatalogResult<HashList> back = RolledBack(list, toVersion, expectedActive);
                return list.Id != read.Value.Id || (back.IsOk && back.Value.ActiveVersion != target)
                    ? Refusal.LostRace<HashList>(name, $"no longer goes back to version {target}")
                    : back;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes a staged version out of the running. Refused: ListNotFound, VersionNotFound,
    /// VersionIsActive.</summary>
    public Task<CatalogResult<HashList>> RetireAsync(
        string name, long version, CancellationToken cancellation) => ChangeAsync(
        name,
        "retired",
        list => list.Find(version) switch
        {
            null => Refusal.VersionNotFound<HashList>(name, version),
            { State: VersionState.Active } => IsActive(name, version, "retired"),
            { State: VersionState.Retired } => list,
            _ => list.Retire(version),
        },
        cancellation);

    /// <summary>Deletes a version that is not active. Refused: ListNotFound, VersionNotFound,
    /// VersionIsActive.</summary>
    public async Task<CatalogResult<HashList>> DeleteVersionAsync(
        string name, long version, CancellationToken cancellation)
    {
        ListVersion? gone = null;
        CatalogResult<HashList> changed = await ChangeAsync(
            name,
            "deleted-version",
            list => (gone = list.Find(version)) switch
            {
                null => Refusal.VersionNotFound<HashList>(name, version),
                { State: VersionState.Active } => IsActive(name, version, "deleted"),
                _ => list.Remove([version]),
            },
            cancellation).ConfigureAwait(false);
        if (changed.IsOk)
        {
            await DropVersionsAsync(changed.Value, [gone!], cancellation).ConfigureAwait(false);
        }

        return changed;
    }

    private CatalogResult<HashList> Activated(HashList list, long version, long? expectedActive, bool force)
    {
        if (RaceLost(list, expectedActive) is { } lost)
        {
            return lost;
        }

        return list.Find(version) switch
        {
            null => Refusal.VersionNotFound<HashList>(list.Name, version),
            { State: VersionState.Active } => list,
            { State: VersionState.Retired } => Refusal.Of<HashList>(
                CatalogError.VersionNotStaged,
                $"version {version} of list '{list.Name}' is retired: a roll-back to it makes it active",
                "version"),
            { } staged when ApprovalProblem(list, staged) is { } missing => missing,
            _ when !force && SizeProblem(list, version) is { } size => Refusal.Of<HashList>(
                CatalogError.GuardSizeChange, $"version {version} would change list '{list.Name}' from {size}"),
            _ => list.Activate(version, _time.GetUtcNow()),
        };
    }

    private CatalogResult<HashList> RolledBack(HashList list, long? toVersion, long? expectedActive)
    {
        if (RaceLost(list, expectedActive) is { } lost)
        {
            return lost;
        }

        if (toVersion is not { } number)
        {
            return list.ActiveVersion == 0 || list.BeforeActive() == 0
                ? Refusal.Of<HashList>(
                    CatalogError.NothingToRollBack, $"no version of list '{list.Name}' was active before this one")
                : list.Pop(_time.GetUtcNow());
        }

        return list.Find(number) is not { } back ? Refusal.VersionNotFound<HashList>(list.Name, number)
            : number == list.ActiveVersion ? list
            : (back.ActivatedAt is null ? NeverActiveProblem(list, back) : null)
                ?? list.Activate(number, _time.GetUtcNow());
    }

    // Going to what was never active is no way back: what holds for an activation holds for it.
    private static CatalogResult<HashList>? NeverActiveProblem(HashList list, ListVersion version) =>
        ApprovalProblem(list, version)
        ?? (SizeProblem(list, version.Number) is { } size
            ? Refusal.Of<HashList>(
                CatalogError.GuardSizeChange,
                $"version {version.Number}, which was never active, would change list '{list.Name}' from {size}")
            : null);

    private static CatalogResult<HashList>? RaceLost(HashList list, long? expectedActive) =>
        expectedActive is { } expected && expected != list.ActiveVersion
            ? Refusal.LostRace<HashList>(list.Name, $"has active version {list.ActiveVersion}, not {expected}")
            : null;

    private static CatalogResult<HashList> IsActive(string name, long version, string what) => Refusal.Of<HashList>(
        CatalogError.VersionIsActive,
        $"version {version} of list '{name}' is active: it cannot be {what}; activate another one first",
        "version");
}
