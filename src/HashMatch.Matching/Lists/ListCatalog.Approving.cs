namespace HashMatch.Matching.Lists;

/// <content>Lists that need two persons.</content>
public sealed partial class ListCatalog
{
    /// <summary>
    /// Approves a staged version, so that it can be activated. Approving it again changes nothing. Refused:
    /// ListNotFound, VersionNotFound, VersionNotStaged, NothingToApprove (the list needs no approval), NotAPerson (the
    /// actor, or who staged it), SelfApproval, LostRace.
    /// </summary>
    public Task<CatalogResult<HashList>> ApproveVersionAsync(
        string name, long version, CancellationToken cancellation) => ChangeAsync(
        name,
        "approved",
        list => list.Find(version) switch
        {
            null => Refusal.VersionNotFound<HashList>(name, version),
            _ when !list.NeedsTwo => Refusal.Of<HashList>(
                CatalogError.NothingToApprove, $"list '{name}' needs no approval"),
            { State: not VersionState.Staged } => Refusal.Of<HashList>(
                CatalogError.VersionNotStaged, $"version {version} of list '{name}' is not staged", "version"),
            { } staged => ApproverProblem(list, staged.StagedBy, $"staged version {version} of it")
                ?? (staged.ApprovedBy is not null ? list : Approved(list, version)),
        },
        cancellation);

    /// <summary>
    /// Makes the change of a list that waits: its policy's, or its deletion. Refused: ListNotFound, NothingToApprove,
    /// LostRace (another change waits by now), NotAPerson, SelfApproval, Invalid (the change is bad by now).
    /// </summary>
    /// <param name="name">The list.</param>
    /// <param name="revision">The change's <see cref="PendingChange.Revision"/>.</param>
    /// <param name="cancellation">Before a write.</param>
    /// <returns>The list, or as it was when it is deleted: then <see cref="HashList.Pending"/> is still there.
    /// </returns>
    public async Task<CatalogResult<HashList>> ApproveChangeAsync(
        string name, long revision, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            CatalogResult<HashList> read = await ReadAsync(name, cancellation).ConfigureAwait(false);
            if (!read.IsOk)
            {
                return read;
            }

            if ((PendingProblem(read.Value, revision)
                ?? ApproverProblem(read.Value, read.Value.Pending!.By, "proposed the change")) is { } problem)
            {
                return problem;
            }

            if (read.Value.Pending!.Update is not null)
            {
                return await ChangeAsync(
                    name,
                    "approved-change",
                    list => PendingProblem(list, revision)
                        ?? ApproverProblem(list, list.Pending!.By, "proposed the change")
                        ?? Accepted(list),
                    cancellation).ConfigureAwait(false);
            }

            if (await TryDeleteAsync(read.Value, cancellation).ConfigureAwait(false))
            {
                return read;
            }

            await BackOffAsync(attempt, cancellation).ConfigureAwait(false);
        }

        return Refusal.LostRace<HashList>(name, "keeps changing");
    }

    /// <summary>Drops the change of a list that waits. Anybody may. Refused: ListNotFound, NothingToApprove, LostRace
    /// (another change waits by now).</summary>
    /// <param name="name">The list.</param>
    /// <param name="revision">The change's <see cref="PendingChange.Revision"/>.</param>
    /// <param name="cancellation">Before a write.</param>
    public Task<CatalogResult<HashList>> RejectChangeAsync(
        string name, long revision, CancellationToken cancellation) => ChangeAsync(
        name,
        "rejected-change",
        list => PendingProblem(list, revision) ?? list with { Pending = null },
        cancellation);

    // Nothing of a list without an active version is matched, so that one person may set it up, or give it up.
    private static bool IsHeld(HashList list) => list.NeedsTwo && list.ActiveVersion != 0;

    private static CatalogResult<HashList>? PendingProblem(HashList list, long revision) =>
        list.Pending is not { } pending
            ? Refusal.Of<HashList>(
                CatalogError.NothingToApprove, $"no change of list '{list.Name}' waits for approval")
        : pending.Revision != revision
            ? Refusal.LostRace<HashList>(list.Name, $"has change {pending.Revision} waiting, not {revision}")
        : null;

    private static CatalogResult<HashList> Accepted(HashList list)
    {
        ListUpdate update = list.Pending!.Update!;
        HashList changed = list with
        {
            Description = update.Description ?? list.Description,
            Policy = update.Apply(list.Policy),
            Pending = null,
        };
        return KindProblem(list, changed) ?? Problem(changed) ?? changed;
    }

    /// <summary>Why nobody by this name can stage or propose in a list that needs two; null when somebody can.
    /// </summary>
    private static CatalogResult<T>? NobodyProblem<T>(HashList list, string actor)
        where T : class => !list.NeedsTwo || Person.Is(actor)
        ? null
        : Refusal.Of<T>(
            CatalogError.NotAPerson,
            $"list '{list.Name}' needs two persons by name, and '{actor}' is none: nobody could approve what it "
            + "stages");

    /// <summary>Why a staged version cannot be activated yet; null when it can be.</summary>
    private static CatalogResult<HashList>? ApprovalProblem(HashList list, ListVersion version) =>
        !list.NeedsTwo
            ? null
        : version.ApprovedBy is null
            ? Refusal.Of<HashList>(
                CatalogError.NeedsApproval,
                $"version {version.Number} of list '{list.Name}' waits for approval by somebody else than who staged "
                + "it",
                "version")
        : version.BasedOn != 0 && version.BasedOn != list.ActiveVersion
            ? Refusal.LostRace<HashList>(
                list.Name,
                $"has active version {list.ActiveVersion}, and version {version.Number} was made from "
                + $"{version.BasedOn}: what came between would be undone")
        : null;

    private CatalogResult<HashList>? ApproverProblem(HashList list, string? author, string what) =>
        !Person.Is(Actor)
            ? Refusal.Of<HashList>(
                CatalogError.NotAPerson,
                $"list '{list.Name}' needs two persons by name, and '{Actor}' is none: it cannot approve")
        : author is null || !Person.Is(author)
            ? Refusal.Of<HashList>(
                CatalogError.NotAPerson,
                $"nobody who is known by name {what}, so that one person alone would approve it: make it anew")
        : Person.AreSame(Actor, author)
            ? Refusal.Of<HashList>(
                CatalogError.SelfApproval, $"'{Actor}' {what}: somebody else must approve")
        : null;

    private HashList Approved(HashList list, long version) => list with
    {
        Versions =
        [
            .. list.Versions.Select(each => each.Number == version
                ? each with { ApprovedBy = Actor, ApprovedAt = _time.GetUtcNow() }
                : each),
        ],
    };

    private CatalogResult<HashList> Proposed(HashList list, ListUpdate? update) =>
        NobodyProblem<HashList>(list, Actor)
        ?? (CatalogResult<HashList>)(list with
        {
            Pending = new PendingChange
            {
                Revision = list.Revision + 1,
                Update = update is null ? null : update with { ExpectedRevision = null },
                By = Actor,
                At = _time.GetUtcNow(),
            },
        });

    private Task<CatalogResult<HashList>> ProposeDeletionAsync(HashList list, CancellationToken cancellation) =>
        ChangeAsync(
            list.Name,
            "proposed",
            now => now.Id != list.Id ? Refusal.ListNotFound<HashList>(list.Name)
                : now.Revision != list.Revision ? Refusal.LostRace<HashList>(list.Name, "was changed meanwhile")
                : Proposed(now, null),
            cancellation);
}
