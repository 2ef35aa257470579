using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using HashMatch.Cli.Output;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>A list's description and policy as options; what is not given stays or takes its default.</summary>
internal sealed class PolicyOptions
{
    private static readonly JsonSerializerOptions Names = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

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

    public Option<ListKind?> Kind { get; } = new("--kind")
    {
        CustomParser = ParseKind,
        Description = "match, negative: what is near to its entries is known to be harmless and has matches "
            + "suppressed, or canary: harmless samples that guard other lists (default: match).",
        HelpName = "match|negative|canary",
    };

    public Option<string?> Class { get; } = new("--class")
    {
        Description = "What callers that see no lists' names are told of a match: a word, '' for none (default: none).",
        HelpName = "WORD",
    };

    public Option<ListNames?> Suppresses { get; } = new("--suppresses")
    {
        CustomParser = ParseNames,
        Description = "The lists, by comma, whose matches a negative list suppresses (default: all).",
        HelpName = "NAME,...|all",
    };

    public Option<int?> SamplePercent { get; } = new("--sample-percent")
    {
        CustomParser = result => Number(result, "sample-percent must be 0 to 100."),
        Description = "Percentage of uploads that are looked up in it, always the same ones (default: 100).",
        HelpName = "N",
    };

    public Option<DateTimeOffset?> Expires { get; } = new("--expires")
    {
        CustomParser = ParseTime,
        Description = "When it stops matching: 2027-01-31, 2027-01-31T12:00:00Z, or never (default: never).",
        HelpName = "TIME|never",
    };

    public Option<int?> MaxChange { get; } = new("--max-change-percent")
    {
        CustomParser = result => Number(result, "max-change-percent must be 0 to 1000."),
        Description = "Percentage by which activating a version may change its size, from 100 entries on "
            + "(default: 50); beyond, --force is needed.",
        HelpName = "N",
    };

    public Option<int?> Approvals { get; } = new("--approvals")
    {
        CustomParser = result => Number(result, "approvals must be 0 or 1."),
        Description = "1: a version is activated once somebody else than who staged it has approved it; taking this "
            + "back, other policy and deletion need somebody else too (default: 0).",
        HelpName = "0|1",
    };

    public Option<bool?> DurableEvents { get; } = new("--durable-events")
    {
        Description = "Whether a verdict waits until the events of its matches are on the server's disk (default: "
            + "false).",
        HelpName = "true|false",
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
        command.Add(Kind);
        command.Add(Class);
        command.Add(Suppresses);
        command.Add(SamplePercent);
        command.Add(MaxChange);
        command.Add(Approvals);
        command.Add(DurableEvents);
        command.Add(Expires);
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
        Kind = session.Value(Kind),
        ListClass = session.Value(Class),
        Suppresses = session.Value(Suppresses),
        SamplePercent = session.Value(SamplePercent),
        MaxChangePercent = session.Value(MaxChange),
        Approvals = session.Value(Approvals),
        DurableEvents = session.Value(DurableEvents),
        ExpiresAt = session.Value(Expires),
    };

    /// <summary>The settings that differ, as "max_distance 31 to 40".</summary>
    public static IEnumerable<string> Differences(MatchPolicy before, MatchPolicy after)
    {
        using JsonDocument was = JsonSerializer.SerializeToDocument(Documents.Of(before), Names);
        using JsonDocument now = JsonSerializer.SerializeToDocument(Documents.Of(after), Names);
        foreach (JsonProperty setting in now.RootElement.EnumerateObject())
        {
            string old = was.RootElement.GetProperty(setting.Name).ToString();
            if (setting.Value.ToString() != old)
            {
                yield return $"{setting.Name} {old} to {setting.Value}";
            }
        }
    }

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

    private static ListKind? ParseKind(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        foreach (ListKind kind in Enum.GetValues<ListKind>())
        {
            if (text.Equals(kind.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        result.AddError($"'{text}' is not a kind of list: it is match, negative or canary.");
        return null;
    }

    // The epoch is how an update says never.
    private static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == "never")
        {
            return DateTimeOffset.UnixEpoch;
        }

        if (DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        }

        result.AddError($"'{text}' is not a time: it is such as 2027-01-31T12:00:00Z, or never.");
        return null;
    }

    private static ListNames? ParseNames(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        return text == "all" ? ListNames.Every : new ListNames(text.Split(','));
    }

    /// <summary>What is wrong with what is given, as far as that can be told without the list; null when nothing is.
    /// </summary>
    /// <param name="update">What is given.</param>
    /// <param name="isNew">Whether it is all that the list will have.</param>
    public static Failure? ProblemOf(ListUpdate update, bool isNew) =>
        (isNew || update.Kind is not null ? update : update with { Kind = ListKind.Negative })
            .Apply(new MatchPolicy()).Problem() is { } problem
        ? new Failure("INVALID", problem.Replace('_', '-') + ".")
        : null;
}
