using System.Text.Json.Serialization;

namespace HashMatch.Matching;

/// <summary>How one list's candidates become matches.</summary>
public sealed record MatchPolicy
{
    /// <summary>Largest distance that a list may ask for.</summary>
    public const int LargestMaxDistance = 63;

    /// <summary>Smallest quality that is matched unless a list says otherwise.</summary>
    public const int DefaultMinQuality = 50;

    /// <summary>Part of its entries by which a list's size may change at once, unless it says otherwise.</summary>
    public const int DefaultMaxChangePercent = 50;

    /// <summary>Largest such part that a list may ask for.</summary>
    public const int LargestMaxChangePercent = 1000;

    /// <summary>Longest class of a list.</summary>
    public const int MaxClassLength = 32;

    public MatchPolicy()
    {
    }

    // What a document leaves out is false, 0 or null without this; one of before there were these has their defaults.
    [JsonConstructor]
    internal MatchPolicy(bool trim = true, ListNames? suppresses = null, int samplePercent = 100,
        int maxChangePercent = DefaultMaxChangePercent, string? listClass = null)
    {
        ListClass = listClass ?? "";
        Trim = trim;
        SamplePercent = samplePercent;
        MaxChangePercent = maxChangePercent;
        Suppresses = suppresses ?? ListNames.Every;
    }

    /// <summary>What its entries stand for.</summary>
    public ListKind Kind { get; init; }

    /// <summary>Whether uploads are matched against the list.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether matches are recorded only, and leave the verdict alone.</summary>
    public bool Shadow { get; init; }

    /// <summary>Threshold: the largest distance that matches, 0 to 63.</summary>
    public int MaxDistance { get; init; } = 31;

    /// <summary>Smallest quality that is matched, 0 to 100.</summary>
    public int MinQuality { get; init; } = DefaultMinQuality;

    /// <summary>Whether an upload is matched without its uniform border too, where it has one.</summary>
    public bool Trim { get; init; } = true;

    /// <summary>Review or Block.</summary>
    public MatchAction Action { get; init; } = MatchAction.Block;

    /// <summary>What callers that do not see lists' names are told of a match: a word, or empty.</summary>
    public string ListClass { get; init; } = "";

    /// <summary>Lists whose matches a negative list suppresses.</summary>
    public ListNames Suppresses { get; init; } = ListNames.Every;

    /// <summary>Part of all uploads that are looked up in the list, 0 to 100: the same ones on every replica.</summary>
    public int SamplePercent { get; init; } = 100;

    /// <summary>From this time on no upload is looked up in the list; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Part of its entries by which activating a version may change the list's size, 0 to 1,000.</summary>
    public int MaxChangePercent { get; init; } = DefaultMaxChangePercent;

    /// <summary>Persons beside the one who stages that must approve before a version is activated, 0 or 1.</summary>
    public int Approvals { get; init; }

    /// <summary>Whether a verdict leaves only once the events of the list's matches are on disk.</summary>
    public bool DurableEvents { get; init; }

    /// <summary>Whether some uploads, or uploads of some time, are not looked up in the list.</summary>
    public bool IsSelective => SamplePercent < 100 || ExpiresAt is not null;

    /// <summary>Whether matches of the list decide verdicts.</summary>
    public bool Decides => Kind == ListKind.Match && !Shadow;

    /// <summary>What is wrong with the policy, naming the field; null when nothing is.</summary>
    public string? Problem() => this switch
    {
        { MaxDistance: < 0 or > LargestMaxDistance } => "max_distance must be 0 to 63",
        { MinQuality: < 0 or > 100 } => "min_quality must be 0 to 100",
        { Action: not (MatchAction.Review or MatchAction.Block) } => "action must be REVIEW or BLOCK",
        { SamplePercent: < 0 or > 100 } => "sample_percent must be 0 to 100",
        { MaxChangePercent: < 0 or > LargestMaxChangePercent } => "max_change_percent must be 0 to 1000",
        { Approvals: < 0 or > 1 } => "approvals must be 0 or 1",
        { Kind: not (ListKind.Match or ListKind.Negative or ListKind.Canary) } =>
            "kind must be MATCH, NEGATIVE or CANARY",
        _ when !IsClass(ListClass) => "list_class must be up to 32 of a-z, 0-9, '.', '_' and '-'",
        { Kind: not ListKind.Negative, Suppresses.IsEvery: false } => "suppresses is for negative lists",
        { Suppresses.Count: > ListNames.MaxCount } => "suppresses must name at most 100 lists",
        _ when Suppresses.Any(name => Lists.ListCatalog.NameProblem(name) is not null) =>
            "suppresses must name lists: 1 to 64 of a-z, 0-9, '.', '_' and '-'",
        _ => null,
    };

    private static bool IsClass(string text) => text.Length <= MaxClassLength
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');
}
