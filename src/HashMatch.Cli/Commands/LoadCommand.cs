using System.CommandLine;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists load`: a list file becomes a list's active version, or nothing changes.</summary>
internal static class LoadCommand
{
    public static Command Create(Surroundings surroundings)
    {
        Argument<string> name = ListsCommand.Name();
        var file = new Argument<string>("FILE") { Description = "The list file; - is standard input." };
        var format = new FileFormatOptions();
        var skip = new Option<bool>("--skip-invalid")
        {
            Description = "Leave bad lines out and count them, instead of refusing the file.",
        };
        Option<bool> force = ListsCommand.Force();
        var stageOnly = new Option<bool>("--no-activate") { Description = "Stage the version; do not activate it." };
        var mustExist = new Option<bool>("--no-create") { Description = "Fail when the list does not exist." };
        var source = new Option<string?>("--source")
        {
            Description = "What the version says it came from (default: the file's name).",
            HelpName = "TEXT",
        };
        var changes = new Option<bool>("--changes")
        {
            Description = "The file holds changes to the active version: what it says is added or replaced, what it "
                + "deletes goes, all else stays.",
        };
        var policy = new PolicyOptions();
        var command = new Command(
            "load",
            "Load a list file as a new version and activate it. A list that does not exist is created, with the "
            + "policy given here.")
        {
            name, file, changes, skip, force, stageOnly, mustExist, source,
        };
        format.AddTo(command);
        policy.AddTo(command);
        return command.Runs(surroundings, (session, cancellation) =>
        {
            string path = session.Value(file);
            string named = path == InputFile.StandardInput ? "standard input" : Path.GetFileName(path);
            var order = new LoadOrder
            {
                List = session.Value(name),
                File = path,
                Reading = format.Of(session, path) with { Force = session.Value(force) },
                Force = session.Value(force),
                AsChanges = session.Value(changes),
                Source = session.Value(source) ?? named,
                SkipInvalid = session.Value(skip),
                Activate = !session.Value(stageOnly),
                CreateMissing = !session.Value(mustExist) && !session.Value(changes),
                Policy = policy.UpdateOf(session),
            };
            return RunAsync(session, order, cancellation);
        });
    }

    private static async Task<int> RunAsync(Session session, LoadOrder order, CancellationToken cancellation)
    {
        if (PolicyOptions.ProblemOf(order.Policy, isNew: false) is { } problem)
        {
            return session.Output.Fail(problem);
        }

        // Before anything is created for it.
        (Stream? found, Failure? failure) =
            await InputFile.OpenAsync(order.File, session.Surroundings, cancellation);
        await using Stream? opened = found;
        if (opened is null)
        {
            return session.Output.Fail(failure!);
        }

        await using var file = new CountingStream(opened);
        await using Curating.ICurator curator = await session.OpenCuratorAsync(cancellation);
        var load = new ListLoad(session, curator, order);
        return await load.RunAsync(file, cancellation);
    }
}
