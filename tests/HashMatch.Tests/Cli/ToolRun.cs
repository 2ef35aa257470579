using HashMatch.Cli;
using HashMatch.Cli.Output;

namespace HashMatch.Tests.Cli;

/// <summary>One run of the tool within the test's process, and what it said.</summary>
/// <param name="ExitCode">What a script would see.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ToolRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs the tool over pipes, with an environment of its own.</summary>
    public static Task<ToolRun> RunAsync(params string[] args) => RunAsync([], "", args);

    /// <inheritdoc cref="RunAsync(string[])"/>
    public static async Task<ToolRun> RunAsync(Dictionary<string, string> variables, string input, string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var interruption = new Interruption();
        int exit = await Tool.RunAsync(args, Surroundings(output, error, variables, input), interruption);
        return new ToolRun(exit, output.ToString(), error.ToString());
    }

    /// <summary>Pipes, or a terminal when <paramref name="isTerminal"/>.</summary>
    public static Surroundings Surroundings(
        StringWriter output,
        StringWriter error,
        Dictionary<string, string>? variables = null,
        string input = "",
        bool isTerminal = false) => new()
        {
            Out = output,
            Error = error,
            OpenIn = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input)),
            OutIsTerminal = isTerminal,
            ErrorIsTerminal = isTerminal,
            InIsTerminal = isTerminal,
            Variable = name => variables?.GetValueOrDefault(name),
        };
}
