using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists copy`: moves lists between stores.</summary>
internal static class CopyCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "The list.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var from = new Option<string?>("--from")
        {
            Description = "The store to read (default: as for --store).",
            HelpName = "ADDRESS",
        };
        var to = new Option<string>("--to")
        {
            Description = "The store to write.",
            HelpName = "ADDRESS",
            Required = true,
        };
        var replace = new Option<bool>("--replace")
        {
            Description = "When the list exists there, stage and activate a new version of it.",
        };
        var all = new Option<bool>("--all") { Description = "Copy every list that has an active version." };
        var command = new Command("copy", "Copy a list's policy and active version to another store.")
        {
            name, from, to, replace, all,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.ServerRefused("it goes from store to store") is { } refused)
            {
                return session.Output.Fail(refused);
            }

            string? one = session.Parsed.GetValue(name);
            if ((one is null) != session.Value(all))
            {
                return session.Output.Fail(new Failure(
                    "BAD_COMMAND_LINE", "Name one list, or say --all.", "See `hashmatch lists copy --help`."));
            }

            await using IListStore source =
                await StoreCurator.OpenStoreAsync(session.Value(from) ?? session.StoreAddress, cancellation);
            await using IListStore target = await StoreCurator.OpenStoreAsync(session.Value(to)!, cancellation);
            return await RunAsync(session, one, source, target, session.Value(replace), cancellation);
        });
    }

    private static async Task<int> RunAsync(
        Session session,
        string? one,
        IListStore source,
        IListStore target,
        bool replace,
        CancellationToken cancellation)
    {
        var from = new ListCatalog(source, TimeProvider.System);
        ListCatalog to = new ListCatalog(target, TimeProvider.System).As(LocalUser.Actor);
        IReadOnlyList<HashList> lists = await from.ReadAllAsync(cancellation);
        HashList[] chosen = [.. lists.Where(list => one is null ? list.ActiveVersion != 0 : list.Name == one)];
        if (one is not null && chosen.Length == 0)
        {
            return session.Output.Fail(
                Failure.Of(CatalogError.ListNotFound, $"There is no list '{one}' in {source.Description}.")
                    with
                { Hint = NearNames.Hint(one, [.. lists.Select(list => list.Name)]) });
        }

        List<HashList> copies = [];
        int exit = ExitCode.Ok;
        foreach (HashList list in chosen)
        {
            CatalogResult<HashList> copy = await CopyAsync(session, from, to, list, replace, cancellation);
            if (copy.IsOk)
            {
                copies.Add(copy.Value);
            }
            else
            {
                Failure failure = Failure.Of(copy);
                exit = session.Output.Fail(copy.Error == CatalogError.ListExists
                    ? failure with { Hint = "Say --replace to stage and activate a new version of it there." }
                    : failure);
            }
        }

        if (session.Output.Json)
        {
            session.Output.Document(new { Lists = copies.Select(Documents.Of).ToArray() });
        }
        else
        {
            foreach (HashList copy in copies)
            {
                session.Output.Line($"Copied '{copy.Name}' to {target.Description}: " + (
                    copy.Versions is [{ State: VersionState.Staged } staged, ..]
                        ? $"version {staged.Number} is staged, waits for approval."
                        : $"version {copy.ActiveVersion} is active."));
            }
        }

        return exit;
    }

    private static Task<CatalogResult<HashList>> CopyAsync(
        Session session,
        ListCatalog from,
        ListCatalog to,
        HashList list,
        bool replace,
        CancellationToken cancellation)
    {
        var progress = new LatestCount();
        long? total = list.Versions.FirstOrDefault(version => version.Number == list.ActiveVersion)?.Entries.Total;
        Task<CatalogResult<HashList>> copying = Task.Run(
            () => from.CopyAsync(list.Name, to, replace, progress, cancellation), cancellation);
        return LongWork.ShowAsync(
            copying, session.Output, $"Copying '{list.Name}'", () => progress.Value, total, "entries");
    }
}
