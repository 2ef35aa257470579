using System.CommandLine;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>How a list file is read.</summary>
internal sealed class FileFormatOptions
{
    private static readonly Dictionary<string, ListFileFormat> Formats = new()
    {
        ["auto"] = ListFileFormat.Auto,
        ["csv"] = ListFileFormat.Csv,
        ["text"] = ListFileFormat.Text,
        ["ncmec"] = ListFileFormat.Ncmec,
        ["stopncii"] = ListFileFormat.StopNcii,
        ["threatexchange"] = ListFileFormat.ThreatExchange,
        ["tat"] = ListFileFormat.TechAgainstTerrorism,
        ["vics"] = ListFileFormat.Vics,
        ["icse"] = ListFileFormat.Icse,
        ["nsrl"] = ListFileFormat.Nsrl,
    };

    public Option<string> Format { get; } = new("--format")
    {
        Description = "csv (with a header), text (one hash a line, or `type value`), ncmec (XML), stopncii, "
            + "threatexchange, tat (Tech Against Terrorism), vics (Project VIC, CAID; all JSON), icse (Interpol; CSV "
            + "with semicolons), nsrl (SQLite), or auto: told by the file's beginning.",
        HelpName = string.Join('|', Formats.Keys),
        DefaultValueFactory = _ => "auto",
    };

    public Option<string?> Categories { get; } = new("--categories")
    {
        Description = "Whose meaning the categories of a VICS file have: VIC_US, CAID_UK, or another region's name. "
            + "With VIC_US, categories 0, 4 and 5 are left out: they show no abuse.",
        HelpName = "REGION",
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
        Format.AcceptOnlyFromAmong([.. Formats.Keys]);
        Type.AcceptOnlyFromAmong("pdq", "sha256");
        command.Add(Format);
        command.Add(Type);
        command.Add(Categories);
        Categories.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !ListReadOptions.IsRegion(name))
            {
                result.AddError($"'{name}' is no region's name: it has letters, digits, '_' and '-', such as VIC_US.");
            }
        });
    }

    /// <summary>How to read a file.</summary>
    /// <param name="session">Holds the options.</param>
    /// <param name="path">As given.</param>
    public ListReadOptions Of(Session session, string path) => new()
    {
        Format = Formats[session.Value(Format) ?? "auto"],
        TextType = session.Value(Type) == "sha256" ? HashType.Sha256 : HashType.Pdq,
        Categories = session.Value(Categories) ?? "",
        Path = path == Input.InputFile.StandardInput ? "" : path,
    };
}
