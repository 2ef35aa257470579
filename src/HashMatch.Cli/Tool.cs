using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Grpc.Core;
using HashMatch.Cli.Commands;
using HashMatch.Cli.Output;

namespace HashMatch.Cli;

/// <summary>The `hashmatch` tool: parses, runs, and puts every failure into words.</summary>
internal static partial class Tool
{
    /// <summary>Runs one command.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, Surroundings surroundings, Interruption interruption)
    {
        // A file named @photo.jpg is a file, not a list of arguments.
        ParseResult parsed = Build(surroundings).Parse(
            args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        var output = new ToolOutput(surroundings, parsed.GetValue(GlobalOptions.Json));
        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = surroundings.Out,
                Error = surroundings.Error,
            };
            if (parsed.Errors.Count > 0 && !output.Json && NamesOnlyAGroup(parsed))
            {
                await Build(surroundings).Parse([.. args, "--help"]).InvokeAsync(configuration, interruption.Token);
                return ExitCode.Error;
            }

            return parsed.Errors.Count > 0
                ? output.Fail(Misused(parsed))
                : await parsed.InvokeAsync(configuration, interruption.Token);
        }
        catch (Exception exception) when (interruption.Token.IsCancellationRequested && IsCancellation(exception))
        {
            output.Note("Interrupted; nothing was changed that was not said to be.");
            return interruption.ExitCode;
        }
        catch (Exception exception) when (Failure.Of(exception, ServerOf(parsed, surroundings)) is { } failure)
        {
            return output.Fail(failure);
        }
#pragma warning disable CA1031 // The last resort: a person is told in one line, without a stack trace.
        catch (Exception exception)
        {
            return output.Fail(new Failure(
                "INTERNAL",
                $"The tool failed: {exception.GetType().Name}: {exception.Message}",
                "This is a fault of the tool; please report it with the command that shows it."));
        }
#pragma warning restore CA1031
        finally
        {
            output.Flush();
        }
    }

    /// <summary>The tree of commands.</summary>
    public static RootCommand Build(Surroundings surroundings)
    {
        var root = new RootCommand(
            "HashMatch: perceptual hashes of uploads, matched against lists of known abuse hashes.")
        {
            ServeCommand.Create(surroundings),
            BenchCommand.Create(surroundings),
            HashCommand.Create(surroundings),
            MatchCommand.Create(surroundings),
            ExplainCommand.Create(surroundings),
            ListsCommand.Create(surroundings),
            VersionsCommand.Create(surroundings),
            EntriesCommand.Create(surroundings),
            QuarantineCommand.Create(surroundings),
            EventsCommand.Create(surroundings),
            AuditCommand.Create(surroundings),
            ExchangesCommand.Create(surroundings),
            KeysCommand.Create(surroundings),
            CallersCommand.Create(surroundings),
            DemoVerdictsCommand.Create(surroundings),
        };
        root.Add(GlobalOptions.Store);
        root.Add(GlobalOptions.Server);
        root.Add(GlobalOptions.KeyFile);
        root.Add(GlobalOptions.ClientCertificate);
        root.Add(GlobalOptions.ClientKey);
        root.Add(GlobalOptions.Authority);
        root.Add(GlobalOptions.Json);
        return root;
    }

    /// <summary>Whether the command line ends where a command of a group should follow.</summary>
    private static bool NamesOnlyAGroup(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0
        && parsed.Errors.Count == 1;

    private static string? ServerOf(ParseResult parsed, Surroundings surroundings) =>
        parsed.GetValue(GlobalOptions.Server) ?? surroundings.Variable(GlobalOptions.ServerVariable);

    private static Failure Misused(ParseResult parsed)
    {
        List<string> names = [];
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = result.Parent)
        {
            names.Insert(0, command.Command is RootCommand ? "hashmatch" : command.Command.Name);
        }

        return new Failure(
            "BAD_COMMAND_LINE",
            string.Join(" ", parsed.Errors.Select(error => OneLine(error.Message)).Distinct()),
            $"See `{string.Join(' ', names)} --help`.");
    }

    // The parser lists what it takes line by line, and names .NET's types.
    private static string OneLine(string text) => string.Join(
        ' ', TypeName().Replace(text, "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex TypeName();

    private static bool IsCancellation(Exception exception) =>
        exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };
}
