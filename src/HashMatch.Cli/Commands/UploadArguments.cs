using System.CommandLine;
using HashMatch.Pdq;
using HashMatch.Uploads;

namespace HashMatch.Cli.Commands;

/// <summary>What `hash` and `match` have in common.</summary>
internal sealed class UploadArguments
{
    public Argument<string[]> Files { get; } = new("FILE")
    {
        Description = "Images; - is standard input, and -- comes before names that begin with a dash.",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string> Fidelity { get; } = new("--fidelity")
    {
        Description = "fast, or reference: bit-exact with PDQ's C++ reference, and slower.",
        HelpName = "fast|reference",
        DefaultValueFactory = _ => "fast",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        Fidelity.AcceptOnlyFromAmong("fast", "reference");
        command.Add(Files);
        command.Add(Fidelity);
    }

    /// <summary>How the uploads are hashed.</summary>
    public UploadOptions OptionsOf(Session session, bool dihedral) => new()
    {
        Fidelity = session.Value(Fidelity) == "reference" ? PdqFidelity.Reference : PdqFidelity.Fast,
        Dihedral = dihedral,
    };
}
