using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch entries`: edits the active version of a list, entry by entry.</summary>
internal static class EntriesCommand
{
    public static Command Create(Surroundings surroundings) =>
        new("entries", "Add or remove single entries of a list's active version.")
        {
            Add(surroundings),
            Remove(surroundings),
        };

    private static Command Add(Surroundings surroundings)
    {
        Argument<string> list = ListsCommand.Name();
        Option<bool> force = ListsCommand.Force();
        var entry = new EntryOptions();
        var command = new Command(
            "add", "Add an entry, or those of a small list file, at once: all or none.") { list, force };
        entry.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            (IReadOnlyList<HashEntry> entries, Failure? failure) = await entry.EntriesOfAsync(
                session, session.Value(force), cancellation);
            return failure is not null
                ? session.Output.Fail(failure)
                : await EditAsync(
                    session,
                    session.Value(list),
                    curator => curator.AddEntriesAsync(
                        session.Value(list), entries, session.Value(force), cancellation),
                    cancellation);
        });
    }

    private static Command Remove(Surroundings surroundings)
    {
        Argument<string> list = ListsCommand.Name();
        var type = EntryOptions.TypeOption();
        var values = new Option<string[]>("--value")
        {
            Description = "The hash or digest in hex; may be said again.",
            HelpName = "HEX",
            Required = true,
        };
        var command = new Command("rm", "Remove entries by type and value, at once.") { list, type, values };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            List<EntryKey> keys = [];
            foreach (string value in session.Value(values) ?? [])
            {
                Failure? failure = EntryOptions.Parse(session.Value(type), value, out EntryKey key);
                if (failure is not null)
                {
                    return session.Output.Fail(failure);
                }

                keys.Add(key);
            }

            return await EditAsync(
                session,
                session.Value(list),
                curator => curator.RemoveEntriesAsync(session.Value(list), keys, cancellation),
                cancellation);
        });
    }

    private static async Task<int> EditAsync(
        Session session,
        string list,
        Func<ICurator, Task<CatalogResult<EditResult>>> edit,
        CancellationToken cancellation)
    {
        await using ICurator curator = await session.OpenCuratorAsync(cancellation);
        CatalogResult<EditResult> edited = await edit(curator);
        if (!edited.IsOk)
        {
            return await session.RefuseAsync(edited, list, curator, cancellation);
        }

        if (session.Output.Json)
        {
            session.Output.Document(Documents.Of(edited.Value));
        }
        else
        {
            EditResult done = edited.Value;
            session.Output.Line(
                $"'{list}': {done.Added} added, {done.Replaced} replaced, {done.Removed} removed, {done.Missing} not "
                + (done.Staged == 0
                    ? $"there; version {done.List.ActiveVersion} is active."
                    : $"there; staged, waits for approval: somebody else says `hashmatch lists approve {list} "
                        + $"{done.Staged} --activate`."));
        }

        return ExitCode.Ok;
    }
}
