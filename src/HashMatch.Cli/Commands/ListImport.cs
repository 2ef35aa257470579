using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;

namespace HashMatch.Cli.Commands;

/// <summary>
/// One import: verifies the whole file, stages every list of it, makes sure that what was staged is what was verified,
/// and only then activates, by compare-and-set. Until then nothing is matched that was not, and what was made goes
/// again.
/// </summary>
internal sealed class ListImport(Session session, ICurator curator, ImportOrder order)
{
    private readonly ToolOutput _output = session.Output;
    private readonly List<ImportedList> _lists = [];

    /// <summary>Runs the import to its end, or leaves things as they were.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="cancellation">Until the first activation.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(Stream file, CancellationToken cancellation)
    {
        SnapshotCheck check = await CheckAsync(file, cancellation);
        if (check.Fault != SnapshotFault.None)
        {
            return _output.Fail(FailureOf(check));
        }

        if (order.As is not null && check.Lists.Count != 1)
        {
            return _output.Fail(new Failure(
                "BAD_COMMAND_LINE",
                $"The snapshot holds {check.Lists.Count} lists: --as names the one of a snapshot with one."));
        }

        bool staged = false;
        try
        {
            file.Position = 0;
            int exit = await StageAllAsync(file, check, cancellation);
            staged = exit == ExitCode.Ok;
            if (!staged)
            {
                return exit;
            }
        }
        finally
        {
            if (!staged)
            {
                await DropAsync();
            }
        }

        return await ActivateAllAsync(check, cancellation);
    }

    private async Task<SnapshotCheck> CheckAsync(Stream file, CancellationToken cancellation)
    {
        var seen = new LatestCount();
        Task<SnapshotCheck> checking = Task.Run(
            () => SnapshotReader.CheckAsync(file, order.Trust, seen, cancellation), cancellation);
        return await LongWork.ShowAsync(checking, _output, "Verifying", () => seen.Value, null, "entries");
    }

    private Failure FailureOf(SnapshotCheck check) => new(
        Words.Of(check.Fault),
        $"{check.Message} Nothing was imported.",
        check.Fault switch
        {
            SnapshotFault.SignatureMissing when order.Trust.Keys.Count > 0 =>
                "Where keys are trusted, a snapshot must be signed with one of them.",
            SnapshotFault.SignatureMissing =>
                "Say --trust PUBLICKEY-FILE for signed snapshots, or --unsigned if you know where this one comes from.",
            SnapshotFault.KeyNotTrusted =>
                $"If you know whose key it is, say --trust or name its file in {ImportCommand.TrustedKeysVariable}.",
            SnapshotFault.Damaged or SnapshotFault.SignatureWrong => "Get the file again from where it came.",
            _ => "",
        });

    private async Task<int> StageAllAsync(Stream file, SnapshotCheck check, CancellationToken cancellation)
    {
        using var reader = new SnapshotReader(file);
        while (await reader.NextListAsync(cancellation) is { } list)
        {
            int exit = await StageAsync(reader, list, cancellation);
            if (exit != ExitCode.Ok)
            {
                return exit;
            }
        }

        return reader.Digest == check.Digest
            ? ExitCode.Ok
            : _output.Fail(new Failure(
                Words.Of(SnapshotFault.Damaged), "The file changed while it was imported. Nothing was imported."));
    }

    private async Task<int> StageAsync(SnapshotReader reader, SnapshotList list, CancellationToken cancellation)
    {
        string name = order.As ?? list.Name;
        CatalogResult<HashList> found = await curator.ReadAsync(name, cancellation);
        bool created = found.Error == CatalogError.ListNotFound;
        if (created)
        {
            found = await curator.CreateAsync(name, list.Description, list.Policy, cancellation);
        }

        if (!found.IsOk)
        {
            return await session.RefuseAsync(found, name, curator, cancellation);
        }

        // What is to be blocked must not become what suppresses, nor the other way round.
        if (found.Value.Policy.Kind != list.Policy.Kind)
        {
            return _output.Fail(new Failure(
                "KIND_MISMATCH",
                $"List '{name}' is of kind {found.Value.Policy.Kind}, the snapshot's '{list.Name}' of kind "
                + $"{list.Policy.Kind}. Nothing was imported."));
        }

        var imported = new ImportedList { Snapshot = list, Before = found.Value, IsNew = created };
        _lists.Add(imported);
        var taken = new LatestCount();
        Task<CatalogResult<StageResult>> staging = Task.Run(
            () => curator.StageAsync(
                name,
                reader.ReadAsync(list, cancellation),
                new StageOptions
                {
                    Source = $"snapshot of {list.Name}, version {list.Version}",
                    Force = order.Force,
                },
                taken,
                cancellation),
            cancellation);
        CatalogResult<StageResult> stage = await LongWork.ShowAsync(
            staging, _output, $"Importing '{name}'", () => taken.Value, list.Entries.Total, "entries");
        if (!stage.IsOk)
        {
            return await session.RefuseAsync(stage, name, curator, cancellation);
        }

        if (stage.Value.Version is not { } version)
        {
            HashListError first = stage.Value.Errors[0];
            return _output.Fail(new Failure(
                "BAD_ENTRIES",
                $"{ListTables.Counted(stage.Value.ErrorCount, "bad entry", "bad entries")} of '{list.Name}', the "
                + $"first at place {first.Line}: {first.Reason}. Nothing was imported."));
        }

        imported.Staged = version;
        return ExitCode.Ok;
    }

    private async Task<int> ActivateAllAsync(SnapshotCheck check, CancellationToken cancellation)
    {
        int exit = ExitCode.Ok;
        foreach (ImportedList list in _lists)
        {
            string name = list.Before.Name;
            CatalogResult<HashList> after = await curator.ActivateAsync(
                name, list.Staged!.Number, list.Before.ActiveVersion, order.Force, cancellation);
            if (after.Error == CatalogError.NeedsApproval)
            {
                list.Waits = true;
                after = await curator.ReadAsync(name, cancellation);
            }

            if (after.IsOk && order.TakePolicy && !list.IsNew)
            {
                ListUpdate update = ListUpdate.Of(list.Before with
                {
                    Description = list.Snapshot.Description,
                    Policy = list.Snapshot.Policy,
                });
                after = await curator.UpdateAsync(name, update, cancellation);
            }

            list.After = after.Value;
            if (!after.IsOk)
            {
                exit = _output.Fail(Failure.Of(after) with
                {
                    Hint = $"The snapshot is staged as version {list.Staged.Number} of '{name}': see `hashmatch lists "
                        + $"show {name}`.",
                });
            }
        }

        Write(check);
        return exit;
    }

    private void Write(SnapshotCheck check)
    {
        ImportedList[] done = [.. _lists.Where(list => list.After is not null)];
        if (_output.Json)
        {
            _output.Document(new
            {
                Signer = check.Signer ?? "",
                Trusted = order.Trust.Keys.Count > 0,
                Lists = done.Select(list => Documents.Of(list.After!)).ToArray(),
            });
            return;
        }

        foreach (ImportedList list in done)
        {
            _output.Line(
                $"Imported '{list.After!.Name}': version {list.Staged!.Number}, "
                + $"{ListTables.Entries(list.Staged.Entries.Total)}, "
                + (list.Waits
                    ? $"is staged, waits for approval: somebody else says `hashmatch lists approve {list.After.Name} "
                        + $"{list.Staged.Number} --activate`."
                    : "is active."));
        }

        _output.Line(
            check.Signer is null ? "The snapshot is not signed."
            : order.Trust.Keys.Count > 0 ? $"The snapshot is signed with trusted key {check.Signer}."
            : $"The snapshot is signed with key {check.Signer}; nobody said whom to trust.");
    }

    /// <summary>Nothing came of the import, so what was made for it goes, unless somebody has taken it up.</summary>
    private async Task DropAsync()
    {
        foreach (ImportedList list in _lists)
        {
            try
            {
                if (list.Staged is not null)
                {
                    await curator.DeleteVersionAsync(list.Before.Name, list.Staged.Number, CancellationToken.None);
                }

                if (list.IsNew
                    && await curator.ReadAsync(list.Before.Name, CancellationToken.None) is { IsOk: true } now
                    && now.Value.Versions.Count == 0)
                {
                    await curator.DeleteAsync(list.Before.Name, now.Value.Revision, CancellationToken.None);
                }
            }
            catch (Exception exception) when (Failure.Of(exception) is not null)
            {
                // What ended the import is reported; this is its consequence.
                _output.Note($"What was staged for '{list.Before.Name}' could not be deleted again.");
            }
        }
    }

    private sealed class ImportedList
    {
        public required SnapshotList Snapshot { get; init; }

        public required HashList Before { get; init; }

        public required bool IsNew { get; init; }

        public ListVersion? Staged { get; set; }

        public HashList? After { get; set; }

        /// <summary>Whether it takes somebody else to activate it.</summary>
        public bool Waits { get; set; }
    }
}
