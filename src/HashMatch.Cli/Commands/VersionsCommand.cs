using System.CommandLine;
using HashMatch.Cli.Output;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch versions`: what is done to one version of a list.</summary>
internal static class VersionsCommand
{
    public static Command Create(Surroundings surroundings) =>
        new("versions", "Delete versions that are not active.") { Remove(surroundings) };

    private static Command Remove(Surroundings surroundings)
    {
        Argument<string> name = ListsCommand.Name();
        Argument<long> version = ListsCommand.Version();
        Option<bool> yes = ListsCommand.Yes();
        var command = new Command("rm", "Delete a version that is not active, with its entries.")
        {
            name, version, yes,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string list = session.Value(name);
            long number = session.Value(version);
            string question = $"Delete version {number} of list '{list}'?";
            return session.Value(yes) || await session.Output.ConfirmAsync(question, cancellation)
                ? await ListsCommand.ChangeAsync(
                    session,
                    list,
                    $"Deleted version {number} of",
                    (curator, _) => curator.DeleteVersionAsync(list, number, cancellation),
                    cancellation)
                : session.Output.Fail(ListsCommand.NotConfirmed($"Version {number} of '{list}' was not deleted."));
        });
    }
}
