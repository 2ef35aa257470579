using System.Text;

namespace HashMatch.Cli.Output;

/// <summary>What the tool is connected to.</summary>
internal sealed record Surroundings
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenIn { get; init; }

    /// <summary>Whether a person reads what is written there.</summary>
    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether a person can be asked.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 120;

    /// <summary>An environment variable; null or empty when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Those of this process. Text is UTF-8 whatever the locale says, since names and notes are.</summary>
    public static Surroundings OfProcess() => new()
    {
        Out = Writer(Console.OpenStandardOutput(), Console.IsOutputRedirected),
        Error = Writer(Console.OpenStandardError(), buffered: false),
        OpenIn = Console.OpenStandardInput,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InIsTerminal = !Console.IsInputRedirected,
        Width = WidthOfTerminal(),
        Variable = Environment.GetEnvironmentVariable,
    };

    private static StreamWriter Writer(Stream stream, bool buffered) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = !buffered };

    private static int WidthOfTerminal()
    {
        try
        {
            return Console.IsOutputRedirected ? 120 : Math.Max(Console.WindowWidth, 40);
        }
        catch (IOException)
        {
            return 120;
        }
    }
}
