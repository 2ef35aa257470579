using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>A list's description and policy as options; what is not given stays or takes its default.</summary>
internal sealed class PolicyOptions
{
    public Option<string?> Description { get; } = new("--description")
    {
        Description = "What the list is, for people.",
        HelpName = "TEXT",
    };

    public Option<bool?> Enabled { get; } = new("--enabled")
    {
        Arity = ArgumentArity.ExactlyOne,
        Description = "Whether uploads are matched against it (default: true).",
        HelpName = "true|false",
    };

    public Option<bool?> Shadow { get; } = new("--shadow")
    {
        Arity = ArgumentArity.ExactlyOne,
        Description = "Record matches only, and leave verdicts alone (default: false).",
        HelpName = "true|false",
    };

    public Option<int?> MaxDistance { get; } = new("--max-distance")
    {
        CustomParser = result => Number(result, "max-distance must be 0 to 63."),
        Description = "Largest distance that matches, 0 to 63 (default: 31).",
        HelpName = "N",
    };

    public Option<int?> MinQuality { get; } = new("--min-quality")
    {
        CustomParser = result => Number(result, "min-quality must be 0 to 100."),
        Description = "Smallest quality that is matched, 0 to 100 (default: 50).",
        HelpName = "N",
    };

    public Option<bool?> Trim { get; } = new("--trim")
    {
        Arity = ArgumentArity.ExactlyOne,
        Description = "Whether pictures are matched without their uniform border too (default: true).",
        HelpName = "true|false",
    };

    public Option<MatchAction?> Action { get; } = new("--action")
    {
        CustomParser = ParseAction,
        Description = "What a match asks for: review or block (default: block).",
        HelpName = "review|block",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Description);
        command.Add(Enabled);
        command.Add(Shadow);
        command.Add(MaxDistance);
        command.Add(MinQuality);
        command.Add(Trim);
        command.Add(Action);
    }

    /// <summary>What was given.</summary>
    public ListUpdate UpdateOf(Session session) => new()
    {
        Description = session.Value(Description),
        Enabled = session.Value(Enabled),
        Shadow = session.Value(Shadow),
        MaxDistance = session.Value(MaxDistance),
        MinQuality = session.Value(MinQuality),
        Trim = session.Value(Trim),
        Action = session.Value(Action),
    };

    private static int? Number(ArgumentResult result, string range)
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            return number;
        }

        result.AddError($"'{text}' is not a number: {range}");
        return null;
    }

    private static MatchAction? ParseAction(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text.Equals("review", StringComparison.OrdinalIgnoreCase))
        {
            return MatchAction.Review;
        }

        if (text.Equals("block", StringComparison.OrdinalIgnoreCase))
        {
            return MatchAction.Block;
        }

        result.AddError($"'{text}' is not an action of a list: it is review or block.");
        return null;
    }

    /// <summary>The policy that an update of another one comes to.</summary>
    public static MatchPolicy Applied(MatchPolicy policy, ListUpdate update) => new()
    {
        Enabled = update.Enabled ?? policy.Enabled,
        Shadow = update.Shadow ?? policy.Shadow,
        MaxDistance = update.MaxDistance ?? policy.MaxDistance,
        MinQuality = update.MinQuality ?? policy.MinQuality,
        Trim = update.Trim ?? policy.Trim,
        Action = update.Action ?? policy.Action,
    };

    /// <summary>What is wrong with the numbers given; null when nothing is.</summary>
    public static Failure? ProblemOf(ListUpdate update) => Applied(new MatchPolicy(), update).Problem() is { } problem
        ? new Failure("INVALID", problem.Replace('_', '-') + ".")
        : null;
}
