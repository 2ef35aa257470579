using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HashMatch.Exchanges;
using HashMatch.Matching;

namespace HashMatch.Cli.Commands;

/// <summary>What is said of an exchange; what is not given stays or takes its default.</summary>
internal sealed class ExchangeOptions
{
    private const string Kinds = "ncmec, stopncii, threatexchange or tat";

    private readonly bool _isNew;

    private readonly Option<ExchangeKind> _kind = new("--kind")
    {
        CustomParser = ParseKind,
        Description = $"Whose API it speaks: {Kinds}.",
        HelpName = "KIND",
        Required = true,
    };

    private readonly Option<string?> _list = new("--list")
    {
        Description = "The list that it keeps (default: one of the exchange's name).",
        HelpName = "LIST",
    };

    private readonly Option<MatchAction?> _action = new("--action")
    {
        CustomParser = ParseAction,
        Description = "What the list asks for when it is made: review or block (default: review).",
        HelpName = "review|block",
    };

    private readonly Option<string?> _url = new("--url")
    {
        Description = "The API's address (default: its owner's).",
        HelpName = "URL",
    };

    private readonly Option<string?> _group = new("--group")
    {
        Description = "ThreatExchange's privacy group.",
        HelpName = "NUMBER",
    };

    private readonly Option<TimeSpan?> _interval = new("--interval")
    {
        CustomParser = ParseInterval,
        Description = "Time from one run of the servers to the next (default: 01:00:00).",
        HelpName = "HH:MM:SS",
    };

    private readonly Option<string?> _members = new("--members")
    {
        Description = "NCMEC: take entries of these members only, by number; empty for all.",
        HelpName = "ID,ID...",
    };

    private readonly Option<string?> _notMembers = new("--not-members")
    {
        Description = "NCMEC: leave entries of these members out.",
        HelpName = "ID,ID...",
    };

    private readonly Option<bool?> _enabled = Switch(
        "--enabled", "Whether servers fetch it by themselves (default: true).");

    private readonly Option<bool?> _report = Switch(
        "--report-matches", "Whether every match is told to the exchange (default: false).");

    private readonly Option<bool?> _plaintext = Switch(
        "--allow-plaintext", "Whether another machine may be asked without TLS (default: false).");

    public ExchangeOptions(bool isNew) => _isNew = isNew;

    public void AddTo(Command command)
    {
        if (_isNew)
        {
            command.Add(_kind);
            command.Add(_list);
            command.Add(_action);
        }

        command.Add(_url);
        command.Add(_group);
        command.Add(_interval);
        command.Add(_members);
        command.Add(_notMembers);
        command.Add(_enabled);
        command.Add(_report);
        command.Add(_plaintext);
    }

    /// <summary>A new exchange's definition.</summary>
    public ExchangeDefinition New(Session session, string name) => Changed(session, new ExchangeDefinition
    {
        Kind = session.Value(_kind),
        List = session.Value(_list) ?? name,
        Action = session.Value(_action) ?? MatchAction.Review,
    });

    /// <summary>A definition with what was given.</summary>
    public ExchangeDefinition Changed(Session session, ExchangeDefinition definition) => definition with
    {
        BaseUrl = session.Value(_url) ?? definition.BaseUrl,
        Group = session.Value(_group) ?? definition.Group,
        Interval = session.Value(_interval) ?? definition.Interval,
        Members = Ids(session.Value(_members)) ?? definition.Members,
        NotMembers = Ids(session.Value(_notMembers)) ?? definition.NotMembers,
        Enabled = session.Value(_enabled) ?? definition.Enabled,
        ReportMatches = session.Value(_report) ?? definition.ReportMatches,
        AllowPlaintext = session.Value(_plaintext) ?? definition.AllowPlaintext,
    };

    private static Option<bool?> Switch(string name, string description) => new(name)
    {
        Arity = ArgumentArity.ExactlyOne,
        Description = description,
        HelpName = "true|false",
    };

    private static string[]? Ids(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static ExchangeKind ParseKind(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Enum.TryParse(text, ignoreCase: true, out ExchangeKind kind) && !char.IsAsciiDigit(text[0]))
        {
            return kind;
        }

        result.AddError($"'{text}' is no kind of exchange: it is {Kinds}.");
        return default;
    }

    private static MatchAction? ParseAction(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Enum.TryParse(text, ignoreCase: true, out MatchAction action)
            && action is MatchAction.Review or MatchAction.Block)
        {
            return action;
        }

        result.AddError($"'{text}' is not an action of a list: it is review or block.");
        return null;
    }

    private static TimeSpan? ParseInterval(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval))
        {
            return interval;
        }

        result.AddError($"'{text}' is no time such as 01:00:00.");
        return null;
    }
}
