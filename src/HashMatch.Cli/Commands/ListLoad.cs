using HashMatch.Cli.Curating;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>One load: finds or creates the list, stages the file, activates the version by compare-and-set.</summary>
internal sealed class ListLoad(Session session, ICurator curator, LoadOrder order)
{
    private const int BadLinesShown = 20;

    private readonly ToolOutput _output = session.Output;
    private volatile ListFileFormat _format;

    /// <summary>Runs the load to its end, or leaves things as they were.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CountingStream file, CancellationToken cancellation)
    {
        CatalogResult<HashList> list = await curator.ReadAsync(order.List, cancellation);
        bool created = list.Error == CatalogError.ListNotFound && order.CreateMissing;
        if (created)
        {
            list = await curator.CreateAsync(
                order.List,
                order.Policy.Description ?? "",
                order.Policy.Apply(new MatchPolicy()),
                cancellation);
        }

        if (!list.IsOk)
        {
            return await session.RefuseAsync(list, order.List, curator, cancellation);
        }

        if (!created && OtherPolicy(list.Value) is { } other)
        {
            return _output.Fail(other);
        }

        if (order.AsChanges && list.Value.ActiveVersion == 0)
        {
            return _output.Fail(new Failure(
                Words.Of(CatalogError.NoActiveVersion),
                $"List '{order.List}' has no active version that could be changed.",
                "Load a file with all entries first, without --changes."));
        }

        ListVersion? staged = null;
        try
        {
            CatalogResult<StageResult> stage = await StageAsync(file, list.Value.ActiveVersion, cancellation);
            if (!stage.IsOk)
            {
                return await session.RefuseAsync(stage, order.List, curator, cancellation);
            }

            if (stage.Value.Version is null)
            {
                return RefuseLines(stage.Value);
            }

            staged = stage.Value.Version;
            if (created && Cautious() is { } policy)
            {
                CatalogResult<HashList> set = await curator.UpdateAsync(order.List, policy, cancellation);
                if (!set.IsOk)
                {
                    return await session.RefuseAsync(set, order.List, curator, cancellation);
                }
            }

            return await ActivateAsync(list.Value, created, stage.Value, staged, cancellation);
        }
        finally
        {
            if (created && staged is null)
            {
                await DropAsync(list.Value);
            }
        }
    }

    /// <summary>
    /// What a new list of this format is where nothing else was said: what users submit, what members only suspect, and
    /// categories of which nobody says what they mean are for review before they block; what NSRL knows is not bad.
    /// </summary>
    private ListUpdate? Cautious() => _format switch
    {
        ListFileFormat.StopNcii or ListFileFormat.ThreatExchange when order.Policy.Action is null =>
            new ListUpdate { Action = MatchAction.Review },
        ListFileFormat.Vics when order.Policy.Action is null && order.Reading.Categories.Length == 0 =>
            new ListUpdate { Action = MatchAction.Review },
        ListFileFormat.Nsrl when order.Policy.Kind is null => new ListUpdate { Kind = ListKind.Negative },
        _ => null,
    };

    /// <summary>Nothing came of the load, so the list that was made for it goes too, unless somebody has taken it up.
    /// </summary>
    private async Task DropAsync(HashList created)
    {
        try
        {
            await curator.DeleteAsync(created.Name, created.Revision, CancellationToken.None);
        }
        catch (Exception exception) when (Failure.Of(exception) is not null)
        {
            // What ended the load is reported; this is its consequence.
            _output.Note($"The empty list '{created.Name}' could not be deleted again.");
        }
    }

    private async Task<CatalogResult<StageResult>> StageAsync(
        CountingStream file, long active, CancellationToken cancellation)
    {
        // Off this thread, so that progress is shown whatever the store does.
        Task<CatalogResult<StageResult>> staging = Task.Run(
            () => curator.StageAsync(
                order.List,
                HashListReader.ReadAsync(
                    file, order.Reading with { Told = format => _format = format }, cancellation),
                new StageOptions
                {
                    Source = order.Source,
                    SkipInvalid = order.SkipInvalid,
                    Force = order.Force,
                    OntoVersion = order.AsChanges ? active : 0,
                },
                null,
                cancellation),
            cancellation);
        return await LongWork.ShowAsync(
            staging, _output, $"Loading '{order.List}'", () => file.Count, file.Total, "bytes");
    }

    private async Task<int> ActivateAsync(
        HashList before, bool created, StageResult stage, ListVersion staged, CancellationToken cancellation)
    {
        HashList after = before;
        bool waits = false;
        if (order.Activate)
        {
            CatalogResult<HashList> active =
                await curator.ActivateAsync(
                    order.List, staged.Number, before.ActiveVersion, order.Force, cancellation);
            waits = active.Error == CatalogError.NeedsApproval;
            if (!active.IsOk && !waits)
            {
                return await LostAsync(active, staged, cancellation);
            }

            after = active.Value ?? before;
            staged = after.Versions.FirstOrDefault(version => version.Number == staged.Number) ?? staged;
        }

        if (_output.Json)
        {
            _output.Document(new
            {
                List = order.List,
                Created = created,
                Activated = order.Activate && !waits,
                WaitsForApproval = waits,
                Version = Documents.Of(staged),
                after.ActiveVersion,
                Errors = stage.Errors.Select(Documents.Of).ToArray(),
                stage.ErrorCount,
            });
            return ExitCode.Ok;
        }

        Write(created, stage, staged, waits);
        return ExitCode.Ok;
    }

    private void Write(bool created, StageResult stage, ListVersion staged, bool waits)
    {
        if (created)
        {
            _output.Line($"Created list '{order.List}'.");
        }

        _output.Table(
            ["LIST", "VERSION", "STATE", "PDQ", "MD5", "SHA1", "SHA256", "DUPLICATES FOLDED", "REMOVED", "SKIPPED"],
            [
                [
                    order.List,
                    ListTables.Number(staged.Number),
                    Words.Of(staged.State),
                    ListTables.Number(staged.Entries.Pdq),
                    ListTables.Number(staged.Entries.Md5),
                    ListTables.Number(staged.Entries.Sha1),
                    ListTables.Number(staged.Entries.Sha256),
                    ListTables.Number(staged.Duplicates),
                    ListTables.Number(staged.Removed),
                    ListTables.Number(staged.Skipped),
                ],
            ]);
        if (staged.LeftOut is not null)
        {
            _output.Line($"Left out, since nothing here matches them: {ListTables.LeftOut(staged.LeftOut)}.");
        }

        WriteLines(stage);
        if (waits)
        {
            _output.Line(
                $"Staged, waits for approval: somebody else says `hashmatch lists approve {order.List} "
                + $"{staged.Number} --activate`.");
        }
        else if (!order.Activate)
        {
            _output.Line($"Activate it with `hashmatch lists activate {order.List} {staged.Number}`.");
        }
    }

    private async Task<int> LostAsync(
        CatalogResult<HashList> refused, ListVersion staged, CancellationToken cancellation)
    {
        if (refused.Error != CatalogError.LostRace)
        {
            return await session.RefuseAsync(refused, order.List, curator, cancellation);
        }

        CatalogResult<HashList> now = await curator.ReadAsync(order.List, cancellation);
        string active = now.IsOk ? $"version {now.Value.ActiveVersion} was activated" : "the list was changed";
        return _output.Fail(new Failure(
            Words.Of(CatalogError.LostRace),
            $"While the file was loaded {active} by somebody else, so it was left active.",
            $"Your file is staged as version {staged.Number}: `hashmatch lists activate {order.List} "
            + $"{staged.Number}` makes it active, `hashmatch versions rm {order.List} {staged.Number}` drops it."));
    }

    private int RefuseLines(StageResult stage)
    {
        var failure = new Failure(
            "BAD_LINES",
            $"{ListTables.Counted(stage.ErrorCount, "bad line")}: the file was refused and nothing changed.",
            "Mend the file, or say --skip-invalid to leave bad lines out.");
        if (_output.Json)
        {
            return _output.Fail(failure, stage.Errors, stage.ErrorCount);
        }

        WriteLines(stage);
        return _output.Fail(failure);
    }

    private void WriteLines(StageResult stage)
    {
        foreach (HashListError error in stage.Errors.Take(BadLinesShown))
        {
            _output.Note($"{order.File}:{error.Line}: {error.Reason}");
        }

        if (stage.ErrorCount > BadLinesShown && stage.Errors.Count > 0)
        {
            _output.Note($"... and {stage.ErrorCount - Math.Min(stage.Errors.Count, BadLinesShown):N0} more");
        }
    }

    /// <summary>A load leaves a list's policy alone, so asking it for another one is refused.</summary>
    private Failure? OtherPolicy(HashList list)
    {
        bool same = order.Policy.Apply(list.Policy) == list.Policy
            && (order.Policy.Description is not { } description || description == list.Description);
        return same
            ? null
            : new Failure(
                "POLICY_DIFFERS",
                $"List '{list.Name}' exists with another policy or description; nothing was loaded.",
                $"`hashmatch lists set {list.Name} ...` changes them; then load without those options.");
    }
}
