using System.CommandLine;
using HashMatch.Cli.Output;

namespace HashMatch.Cli.Commands;

/// <summary>Ties a command to what it runs.</summary>
internal static class CommandActions
{
    /// <summary>Runs a command in a session of its own; what it throws is put into words by the tool.</summary>
    public static Command Runs(
        this Command command, Surroundings surroundings, Func<Session, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, cancellation) => run(new Session(parsed, surroundings), cancellation));
        return command;
    }
}
