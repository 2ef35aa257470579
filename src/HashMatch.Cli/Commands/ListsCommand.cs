using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists`: curates hash lists.</summary>
internal static class ListsCommand
{
    private const int ChangesShown = 50;

    public static Command Create(Surroundings surroundings) =>
        new("lists", "Curate hash lists: on the store, or through a server.")
        {
            Ls(surroundings),
            Show(surroundings),
            CreateList(surroundings),
            Set(surroundings),
            LoadCommand.Create(surroundings),
            ApproveCommand.Approve(surroundings),
            ApproveCommand.Reject(surroundings),
            Activate(surroundings),
            RollBack(surroundings),
            Retire(surroundings),
            Remove(surroundings),
            CopyCommand.Create(surroundings),
            SimulateCommand.Create(surroundings),
            ExportCommand.Create(surroundings),
            ImportCommand.Create(surroundings),
        };

    /// <summary>The argument that names a list.</summary>
    internal static Argument<string> Name() => new("NAME") { Description = "The list." };

    /// <summary>The argument that names a version.</summary>
    internal static Argument<long> Version() => new("VERSION") { Description = "Its number." };

    private static Command Ls(Surroundings surroundings) =>
        new Command("ls", "All lists, with what is active.").Runs(surroundings, async (session, cancellation) =>
        {
            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            IReadOnlyList<HashList> lists = await curator.ReadAllAsync(cancellation);
            if (session.Output.Json)
            {
                session.Output.Document(new { Lists = lists.Select(Documents.Of).ToArray() });
            }
            else if (lists.Count == 0)
            {
                session.Output.Note($"No lists in {curator.Description}. {NearNames.Hint("", [])}");
            }
            else
            {
                ListTables.WriteAll(session.Output, lists);
            }

            return ExitCode.Ok;
        });

    private static Command Show(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var log = new Option<bool>("--log") { Description = "Show its latest changes too." };
        var command = new Command("show", "A list with its policy and its versions.") { name, log };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            CatalogResult<HashList> list = await curator.ReadAsync(session.Value(name), cancellation);
            if (!list.IsOk)
            {
                return await session.RefuseAsync(list, session.Value(name), curator, cancellation);
            }

            IReadOnlyList<ListChange>? changes = session.Value(log)
                ? await curator.ReadChangesAsync(session.Value(name), ChangesShown, cancellation)
                : [];
            if (changes is null)
            {
                return session.Output.Fail(new Failure(
                    "NO_CHANGE_LOG",
                    "A server does not hand out the change log.",
                    "Read it from the store: leave out --server and name the store with --store."));
            }

            if (!session.Output.Json)
            {
                ListTables.Write(session.Output, list.Value, changes);
            }
            else if (session.Value(log))
            {
                session.Output.Document(new
                {
                    List = Documents.Of(list.Value),
                    Changes = changes.Select(Documents.Of).ToArray(),
                });
            }
            else
            {
                session.Output.Document(Documents.Of(list.Value));
            }

            return ExitCode.Ok;
        });
    }

    private static Command CreateList(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var policy = new PolicyOptions();
        var command = new Command("create", "Create a list without entries.") { name };
        policy.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            ListUpdate given = policy.UpdateOf(session);
            if (PolicyOptions.ProblemOf(given, isNew: true) is { } problem)
            {
                return session.Output.Fail(problem);
            }

            return await ChangeAsync(session, session.Value(name), "Created", (curator, list) => curator.CreateAsync(
                list, given.Description ?? "", given.Apply(new MatchPolicy()), cancellation),
                cancellation);
        });
    }

    private static Command Set(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var policy = new PolicyOptions();
        var command = new Command("set", "Change a list's description or policy.") { name };
        policy.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            ListUpdate given = policy.UpdateOf(session);
            if (given == new ListUpdate())
            {
                return session.Output.Fail(new Failure(
                    "NOTHING_TO_SET", "Nothing to change was given.", "See `hashmatch lists set --help`."));
            }

            return PolicyOptions.ProblemOf(given, isNew: false) is { } problem
                ? session.Output.Fail(problem)
                : await ChangeAsync(
                    session,
                    session.Value(name),
                    "Changed",
                    (curator, list) => curator.UpdateAsync(list, given, cancellation),
                    cancellation);
        });
    }

    private static Command Activate(Surroundings surroundings)
    {
        Argument<string> name = Name();
        Argument<long> version = Version();
        Option<bool> force = Force();
        var command = new Command("activate", "Match uploads against a staged version.") { name, version, force };
        return command.Runs(surroundings, (session, cancellation) => ChangeAsync(
            session,
            session.Value(name),
            $"Version {session.Value(version)} is active in",
            (curator, list) => curator.ActivateAsync(
                list, session.Value(version), null, session.Value(force), cancellation),
            cancellation));
    }

    private static Command RollBack(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var to = new Option<long?>("--to")
        {
            Description = "The version to activate (default: the one that was active before).",
            HelpName = "VERSION",
        };
        var command = new Command("rollback", "Activate the version that was active before.") { name, to };
        return command.Runs(surroundings, (session, cancellation) => ChangeAsync(
            session,
            session.Value(name),
            "Rolled back",
            (curator, list) => curator.RollBackAsync(list, session.Value(to), null, cancellation),
            cancellation));
    }

    private static Command Retire(Surroundings surroundings)
    {
        Argument<string> name = Name();
        Argument<long> version = Version();
        var command = new Command("retire", "Take a staged version out of the running.") { name, version };
        return command.Runs(surroundings, (session, cancellation) => ChangeAsync(
            session,
            session.Value(name),
            $"Retired version {session.Value(version)} of",
            (curator, list) => curator.RetireAsync(list, session.Value(version), cancellation),
            cancellation));
    }

    private static Command Remove(Surroundings surroundings)
    {
        Argument<string> name = Name();
        Option<bool> yes = Yes();
        var command = new Command("rm", "Delete a list with all its versions.") { name, yes };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string list = session.Value(name);
            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            CatalogResult<HashList> found = await curator.ReadAsync(list, cancellation);
            if (!found.IsOk)
            {
                return await session.RefuseAsync(found, list, curator, cancellation);
            }

            string question = $"Delete list '{list}' with {ListTables.Counted(found.Value.Versions.Count, "version")}?";
            if (!session.Value(yes) && !await session.Output.ConfirmAsync(question, cancellation))
            {
                return session.Output.Fail(NotConfirmed($"List '{list}' was not deleted."));
            }

            CatalogResult<HashList> deleted = await curator.DeleteAsync(list, found.Value.Revision, cancellation);
            return !deleted.IsOk ? await session.RefuseAsync(deleted, list, curator, cancellation)
                : Done(session, deleted.Value, Proposed(deleted.Value) ?? $"Deleted '{list}'.");
        });
    }

    /// <summary>The option that passes the guards.</summary>
    internal static Option<bool> Force() => new("--force")
    {
        Description = "Pass the guards: entries that show nothing or match a canary, a size that changes too much. "
            + "The list's change log says so.",
    };

    /// <summary>The option that stands for a person's yes.</summary>
    internal static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>What is said when nobody said yes.</summary>
    internal static Failure NotConfirmed(string message) => new("NOT_CONFIRMED", message, "Say --yes to delete it.");

    /// <summary>Makes one change of one list and shows what the list is after it.</summary>
    internal static async Task<int> ChangeAsync(
        Session session,
        string list,
        string done,
        Func<ICurator, string, Task<CatalogResult<HashList>>> change,
        CancellationToken cancellation)
    {
        await using ICurator curator = await session.OpenCuratorAsync(cancellation);
        CatalogResult<HashList> changed = await change(curator, list);
        if (!changed.IsOk)
        {
            return await session.RefuseAsync(changed, list, curator, cancellation);
        }

        string active = changed.Value.ActiveVersion == 0
            ? "no version is active"
            : $"version {changed.Value.ActiveVersion} is active";
        return Done(session, changed.Value, Proposed(changed.Value) ?? $"{done} '{list}': {active}.");
    }

    /// <summary>What is said of a change that only proposed one; null of any other.</summary>
    private static string? Proposed(HashList list) =>
        list.Pending is { } pending && pending.Revision == list.Revision
            ? $"Proposed, waits for approval: somebody else says `hashmatch lists approve {list.Name} --change "
                + $"{pending.Revision}`."
            : null;

    private static int Done(Session session, HashList list, string said)
    {
        if (session.Output.Json)
        {
            session.Output.Document(Documents.Of(list));
        }
        else
        {
            session.Output.Line(said);
        }

        return ExitCode.Ok;
    }
}
