using HashMatch.Exchanges.Apis;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Syncing;

/// <summary>What a run that came to its end fetched, as the list's new version: a function of the pages.</summary>
internal sealed class VersionMaking(
    ListCatalog lists, PageSpool spool, HeldExchange held, ExchangeApi api, TimeProvider time)
{
    private const int KeptVersions = 5;
    private const int MaxAttempts = 8;

    private readonly ListCatalog _lists = lists.As(Person.ExchangePrefix + held.Name);

    private string Source => $"exchange {held.Name}";

    /// <summary>Makes the version, activates it, or leaves it staged where two persons are needed, and moves the
    /// checkpoint.</summary>
    /// <param name="force">Pass the guards on load.</param>
    /// <param name="cancellation">Ends it; the next run goes on from there.</param>
    public async Task<ExchangeReport> FinishAsync(bool force, CancellationToken cancellation)
    {
        ExchangeState before = held.State;
        ExchangeRun run = before.Run!;
        bool repeats = !run.Full && EndsWith(before.Pages, run.Pages);
        IReadOnlyList<PageRef> all = run.Full ? run.Pages : repeats ? before.Pages : [.. before.Pages, .. run.Pages];
        HashList list = await ListAsync(before.Definition, cancellation).ConfigureAwait(false);
        bool isOurs = list.Id == before.ListId && before.MadeVersion != 0;
        bool isNew = run.Full || !repeats || before.IsStale || !isOurs;
        ListVersion? made = isNew && (all.Count > 0 || isOurs)
            ? await MakeAsync(list, all, isOurs, force, cancellation).ConfigureAwait(false)
            : null;
        ExchangeReport report = new()
        {
            Full = run.Full,
            StartedAt = run.StartedAt,
            EndedAt = time.GetUtcNow(),
            Pages = run.Fetched,
            Records = run.Pages.Sum(page => page.Records),
            Malformed = run.Malformed,
            FirstMalformed = run.FirstMalformed,
            Version = made?.Number ?? 0,
            Waits = made?.State == VersionState.Staged,
            Entries = made?.Entries.Total ?? before.LastRun?.Entries ?? 0,
            Removed = made?.Removed ?? 0,
            LeftOut = made?.LeftOut?.Sum(item => item.Count) ?? 0,
        };
        await SaveAsync(before, all, list, made, report, cancellation).ConfigureAwait(false);
        HashSet<PageRef> kept = [.. all];
        await spool.DropAsync(before.Pages.Concat(run.Pages).Where(page => !kept.Contains(page))).ConfigureAwait(false);
        if (made is not null)
        {
            await PruneAsync(cancellation).ConfigureAwait(false);
        }

        return report;
    }

    // Saying again what was said last changes nothing: entries and records are folded by their last word.
    private static bool EndsWith(IReadOnlyList<PageRef> pages, IReadOnlyList<PageRef> tail) =>
        tail.Count <= pages.Count
        && pages.Skip(pages.Count - tail.Count).Select(page => page.Digest)
            .SequenceEqual(tail.Select(page => page.Digest));

    private async Task<HashList> ListAsync(ExchangeDefinition definition, CancellationToken cancellation)
    {
        CatalogResult<HashList> read = await _lists.ReadAsync(definition.List, cancellation).ConfigureAwait(false);
        if (read.Error == CatalogError.ListNotFound)
        {
            read = await _lists.CreateAsync(
                definition.List,
                $"kept in step by exchange {held.Name}",
                new MatchPolicy { Action = definition.Action },
                cancellation).ConfigureAwait(false);
        }

        return Value(read);
    }

    private async Task<ListVersion> MakeAsync(
        HashList list, IReadOnlyList<PageRef> all, bool isOurs, bool force, CancellationToken cancellation)
    {
        ExchangeState state = held.State;
        bool onto = isOurs && !api.FoldsRecords && !state.Run!.Full && !state.IsStale
            && list.ActiveVersion == state.MadeVersion;
        StageResult staged = Value(await _lists.StageAsync(
            list.Name,
            spool.ReadAsync(onto ? state.Run!.Pages : all, api.Format, state.Definition, cancellation),
            new StageOptions
            {
                Source = Source,
                // Of a list that needs two persons, who chose the address is one of them.
                OnBehalfOf = state.DefinedBy ?? Matching.Auditing.AuditEntry.Unknown,
                SkipInvalid = true,
                AllowEmpty = true,
                Force = force,
                OntoVersion = onto ? list.ActiveVersion : 0,
            },
            null,
            cancellation).ConfigureAwait(false));
        ListVersion version = staged.Version!;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // In this order: who takes the exchange over after the check activates after what is expected here, and
            // then this does nothing.
            long active = Value(await _lists.ReadAsync(list.Name, cancellation).ConfigureAwait(false)).ActiveVersion;
            await held.CheckAsync(cancellation).ConfigureAwait(false);
            CatalogResult<HashList> activated = await _lists.ActivateAsync(
                list.Name, version.Number, active, force, cancellation).ConfigureAwait(false);
            if (activated.Error == CatalogError.NeedsApproval)
            {
                return version;
            }

            if (activated.IsOk)
            {
                return version with { State = VersionState.Active };
            }

            if (activated.Error != CatalogError.LostRace)
            {
                // The pages are kept: the next run makes it again.
                _ = await _lists.DeleteVersionAsync(list.Name, version.Number, cancellation).ConfigureAwait(false);
                _ = Value(activated);
            }
        }

        throw new ExchangeException(ExchangeProblem.ListRefused, $"List '{list.Name}' keeps changing.");
    }

    private Task SaveAsync(
        ExchangeState before,
        IReadOnlyList<PageRef> all,
        HashList list,
        ListVersion? made,
        ExchangeReport report,
        CancellationToken cancellation)
    {
        ExchangeRun run = before.Run!;
        return held.SaveAsync(
            state => state with
            {
                Checkpoint = api.CheckpointOf(run, run.Full ? null : before.Checkpoint),
                FullAt = run.Full ? run.StartedAt : before.FullAt,
                Pages = all,
                Run = null,
                // What was changed while the version was made is not in it.
                IsStale = state.IsStale && !SameFilter(state.Definition, before.Definition),
                MadeVersion = made?.Number ?? before.MadeVersion,
                ListId = list.Id,
                LastRun = report,
                LastSuccessAt = report.EndedAt,
                LastProblem = null,
                LastError = null,
                LastErrorAt = null,
                NextRunAt = report.EndedAt
                    + (state.Definition.Interval * (0.9 + (0.2 * Random.Shared.NextDouble()))),
            },
            cancellation);
    }

    private static bool SameFilter(ExchangeDefinition one, ExchangeDefinition other) =>
        one.Members.SequenceEqual(other.Members) && one.NotMembers.SequenceEqual(other.NotMembers);

    // Each run makes a version; a few to roll back to are enough.
    private async Task PruneAsync(CancellationToken cancellation)
    {
        HashList list = Value(await _lists.ReadAsync(held.State.Definition.List, cancellation).ConfigureAwait(false));
        foreach (ListVersion old in list.Versions
            .Where(version => version.Source == Source && version.Number != list.ActiveVersion)
            .OrderByDescending(version => version.Number)
            .Skip(KeptVersions))
        {
            _ = await _lists.DeleteVersionAsync(list.Name, old.Number, cancellation).ConfigureAwait(false);
        }
    }

    private static T Value<T>(CatalogResult<T> result)
        where T : class => result.IsOk
            ? result.Value
            : throw new ExchangeException(ExchangeProblem.ListRefused, $"The list was not changed: {result.Message}.");
}
