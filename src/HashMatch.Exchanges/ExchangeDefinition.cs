using HashMatch.Matching;

namespace HashMatch.Exchanges;

/// <summary>What an operator says of an exchange. Holds no credential. The audit log vouches for it as it is spelled in
/// the exchange's document, and runs write that document again: a member that comes later is left out of it as long as
/// nobody set it.</summary>
public sealed record ExchangeDefinition
{
    public required ExchangeKind Kind { get; init; }

    /// <summary>The list that is kept in step; made when it is not there.</summary>
    public required string List { get; init; }

    /// <summary>Where the API lies; null: where its owner has it.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>ThreatExchange's privacy group.</summary>
    public string? Group { get; init; }

    /// <summary>From the end of one run to the next, give or take a tenth.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>NCMEC: the only members whose entries are taken; empty for all.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>NCMEC: members whose entries are left out.</summary>
    public IReadOnlyList<string> NotMembers { get; init; } = [];

    /// <summary>What a list that is made asks for.</summary>
    public MatchAction Action { get; init; } = MatchAction.Review;

    /// <summary>Whether servers fetch it by themselves.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether every match of the list is told to the exchange.</summary>
    public bool ReportMatches { get; init; }

    /// <summary>Whether the API may be asked without TLS on another machine.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>What is wrong, for a person; null when nothing is.</summary>
    public string? Problem()
    {
        if (Interval < TimeSpan.FromMinutes(1) || Interval > TimeSpan.FromDays(30))
        {
            return "the interval must be 1 minute to 30 days";
        }

        if (Kind != ExchangeKind.Ncmec && Members.Count + NotMembers.Count > 0)
        {
            return "members are NCMEC's: no other exchange can be filtered by them";
        }

        if (Members.Concat(NotMembers).FirstOrDefault(id => id.Length == 0 || !id.All(char.IsAsciiDigit)) is { } bad)
        {
            return $"'{bad}' is no member: NCMEC's members have numbers";
        }

        if (Kind == ExchangeKind.ThreatExchange && (Group is null or "" || !Group.All(char.IsAsciiDigit)))
        {
            return "ThreatExchange needs the number of a privacy group";
        }

        return Kind == ExchangeKind.Tat && ReportMatches
            ? "Tech Against Terrorism's API takes no feedback"
            : AddressProblem();
    }

    private string? AddressProblem()
    {
        if (BaseUrl is null)
        {
            return null;
        }

        if (!Uri.TryCreate(BaseUrl, UriKind.Absolute, out Uri? address)
            || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length + address.Query.Length + address.Fragment.Length > 0)
        {
            return "the address must be https://HOST[:PORT][/PATH], without a user, a query or a fragment";
        }

        return address.Scheme == "http" && !address.IsLoopback && !AllowPlaintext
            ? "the address has no TLS, and is not on this machine"
            : null;
    }
}
