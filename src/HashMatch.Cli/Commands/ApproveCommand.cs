using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists approve` and `reject`: the second person of a list that needs two.</summary>
internal static class ApproveCommand
{
    public static Command Approve(Surroundings surroundings)
    {
        Argument<string> name = ListsCommand.Name();
        var version = new Argument<long?>("VERSION")
        {
            Description = "The staged version; somebody else staged it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var change = new Option<long?>("--change")
        {
            Description = "The change that waits, of the policy or the deletion, by its number in `lists show`.",
            HelpName = "N",
        };
        var activate = new Option<bool>("--activate") { Description = "Activate the version too." };
        var command = new Command(
            "approve", "Approve, as the second person, what somebody else staged or proposed.")
        {
            name, version, change, activate,
        };
        return command.Runs(surroundings, (session, cancellation) =>
        {
            long? staged = session.Parsed.GetValue(version);
            long? proposed = session.Value(change);
            if ((staged is null) == (proposed is null) || (session.Value(activate) && staged is null))
            {
                return Task.FromResult(session.Output.Fail(new Failure(
                    "BAD_COMMAND_LINE",
                    "Name one: VERSION, or --change N without --activate.",
                    "See `hashmatch lists show NAME` for what waits.")));
            }

            return staged is { } number
                ? ListsCommand.ChangeAsync(
                    session,
                    session.Value(name),
                    session.Value(activate) ? $"Approved and activated version {number} of"
                        : $"Approved version {number} of",
                    (curator, list) => VersionAsync(curator, list, number, session.Value(activate), cancellation),
                    cancellation)
                : ChangeAsync(session, session.Value(name), proposed!.Value, cancellation);
        });
    }

    public static Command Reject(Surroundings surroundings)
    {
        Argument<string> name = ListsCommand.Name();
        var change = new Argument<long>("CHANGE") { Description = "Its number in `lists show`." };
        var command = new Command("reject", "Drop a change of a list that waits for approval.") { name, change };
        return command.Runs(surroundings, (session, cancellation) => ListsCommand.ChangeAsync(
            session,
            session.Value(name),
            $"Dropped change {session.Value(change)} of",
            (curator, list) => curator.RejectChangeAsync(list, session.Value(change), cancellation),
            cancellation));
    }

    private static async Task<CatalogResult<HashList>> VersionAsync(
        ICurator curator, string list, long version, bool activate, CancellationToken cancellation)
    {
        CatalogResult<HashList> approved = await curator.ApproveVersionAsync(list, version, cancellation);
        return approved.IsOk && activate
            ? await curator.ActivateAsync(list, version, null, false, cancellation)
            : approved;
    }

    private static async Task<int> ChangeAsync(
        Session session, string name, long revision, CancellationToken cancellation)
    {
        await using ICurator curator = await session.OpenCuratorAsync(cancellation);
        CatalogResult<HashList> approved = await curator.ApproveChangeAsync(name, revision, cancellation);
        if (!approved.IsOk)
        {
            return await session.RefuseAsync(approved, name, curator, cancellation);
        }

        bool deleted = approved.Value.Pending is { Update: null };
        if (session.Output.Json)
        {
            session.Output.Document(Documents.Of(approved.Value));
        }
        else
        {
            session.Output.Line(deleted ? $"Deleted '{name}'." : $"Changed '{name}' as was proposed.");
        }

        return ExitCode.Ok;
    }
}
