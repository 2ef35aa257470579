using System.CommandLine;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>How a list file is read.</summary>
internal sealed class FileFormatOptions
{
    public Option<string> Format { get; } = new("--format")
    {
        Description = "csv (with a header), text (one hash a line), or auto: told by the first line.",
        HelpName = "auto|csv|text",
        DefaultValueFactory = _ => "auto",
    };

    public Option<string> Type { get; } = new("--type")
    {
        Description = "What 64 hex digits are in a text file; shorter ones are told by their length.",
        HelpName = "pdq|sha256",
        DefaultValueFactory = _ => "pdq",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        Format.AcceptOnlyFromAmong("auto", "csv", "text");
        Type.AcceptOnlyFromAmong("pdq", "sha256");
        command.Add(Format);
        command.Add(Type);
    }

    public ListFileFormat FormatOf(Session session) => session.Value(Format) switch
    {
        "csv" => ListFileFormat.Csv,
        "text" => ListFileFormat.Text,
        _ => ListFileFormat.Auto,
    };

    public HashType TypeOf(Session session) => session.Value(Type) == "sha256" ? HashType.Sha256 : HashType.Pdq;
}
