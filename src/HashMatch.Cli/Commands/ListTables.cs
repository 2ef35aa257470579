using System.Globalization;
using HashMatch.Cli.Output;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>Lists and versions as tables for people.</summary>
internal static class ListTables
{
    private static readonly string[] ListHeaders =
        ["NAME", "KIND", "ACTIVE", "ENTRIES", "STATE", "ACTION", "MAX DISTANCE", "MIN QUALITY", "VERSIONS", "UPDATED"];

    private static readonly string[] VersionHeaders =
    [
        "VERSION", "STATE", "PDQ", "MD5", "SHA1", "SHA256", "DUPLICATES", "SKIPPED", "LEFT OUT", "CREATED", "ACTIVATED",
        "SOURCE", "STAGED BY", "APPROVED BY",
    ];

    /// <summary>One line a list.</summary>
    public static void WriteAll(ToolOutput output, IReadOnlyList<HashList> lists) => output.Table(
        ListHeaders,
        [
            .. lists.Select(list => new[]
            {
                list.Name,
                Words.Of(list.Policy.Kind),
                list.ActiveVersion == 0 ? "-" : Number(list.ActiveVersion),
                list.Versions.FirstOrDefault(version => version.Number == list.ActiveVersion) is { } active
                    ? Number(active.Entries.Total)
                    : "-",
                StateOf(list),
                list.Policy.Kind == ListKind.Match ? Words.Of(list.Policy.Action) : "-",
                Number(list.Policy.MaxDistance),
                Number(list.Policy.MinQuality),
                Number(list.Versions.Count),
                Time(list.UpdatedAt),
            }),
        ]);

    /// <summary>One list, its versions and its changes.</summary>
    public static void Write(ToolOutput output, HashList list, IReadOnlyList<ListChange> changes)
    {
        output.Table(
            ["LIST", list.Name],
            [
                ["description", list.Description.Length == 0 ? "-" : list.Description],
                ["active version", list.ActiveVersion == 0 ? "-" : Number(list.ActiveVersion)],
                ["state", StateOf(list)],
                ["kind", Words.Of(list.Policy.Kind)],
                list.Policy.Kind == ListKind.Negative
                    ? ["suppresses", list.Policy.Suppresses.ToString()]
                    : ["action", list.Policy.Kind == ListKind.Match ? Words.Of(list.Policy.Action) : "-"],
                ["class", list.Policy.ListClass.Length == 0 ? "-" : list.Policy.ListClass],
                ["max distance", Number(list.Policy.MaxDistance)],
                ["min quality", Number(list.Policy.MinQuality)],
                ["trim", list.Policy.Trim ? "true" : "false"],
                ["max change", string.Create(CultureInfo.InvariantCulture, $"{list.Policy.MaxChangePercent}%")],
                ["sample", string.Create(CultureInfo.InvariantCulture, $"{list.Policy.SamplePercent}%")],
                ["durable events", list.Policy.DurableEvents ? "true" : "false"],
                ["expires", list.Policy.ExpiresAt is { } at ? Time(at) : "-"],
                ["quarantined", Number(list.Quarantined?.Count ?? 0)],
                ["approvals", Number(list.Policy.Approvals)],
                ["waits for approval", list.Pending is { } pending ? PendingText(pending, list.Policy) : "-"],
                ["created", Time(list.CreatedAt)],
                ["updated", Time(list.UpdatedAt)],
                ["revision", Number(list.Revision)],
            ]);
        if (list.Versions.Count > 0)
        {
            output.Line();
            output.Table(VersionHeaders, [.. list.Versions.Select(Row)]);
        }

        if (changes.Count > 0)
        {
            output.Line();
            output.Table(
                ["AT", "REVISION", "CHANGE"],
                [.. changes.Select(change => new[] { Time(change.At), Number(change.Revision), change.What })]);
        }
    }

    /// <summary>How many of a thing: "1 version", "2 versions".</summary>
    public static string Counted(long count, string thing, string? things = null) =>
        count.ToString("N0", CultureInfo.InvariantCulture) + (count == 1 ? $" {thing}" : $" {things ?? $"{thing}s"}");

    /// <summary>How many entries.</summary>
    public static string Entries(long count) => Counted(count, "entry", "entries");

    /// <summary>What was left out of a version, as "12 photodna, 1 tmk".</summary>
    public static string LeftOut(IReadOnlyList<LeftOutCount> leftOut) =>
        string.Join(", ", leftOut.Select(item => $"{Number(item.Count)} {item.Type}"));

    /// <summary>Digits without separators, so that a script can read them.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>In UTC to the second.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string StateOf(HashList list) => list.Policy switch
    {
        { Enabled: false } => "disabled",
        { ExpiresAt: { } at } when at <= TimeProvider.System.GetUtcNow() => "EXPIRED",
        { Shadow: true } => "shadow",
        _ => "enabled",
    };

    private static string[] Row(ListVersion version) =>
    [
        Number(version.Number),
        Words.Of(version.State),
        Number(version.Entries.Pdq),
        Number(version.Entries.Md5),
        Number(version.Entries.Sha1),
        Number(version.Entries.Sha256),
        Number(version.Duplicates),
        Number(version.Skipped),
        version.LeftOut is null ? "-" : LeftOut(version.LeftOut),
        Time(version.CreatedAt),
        version.ActivatedAt is { } at ? Time(at) : "-",
        version.Source.Length == 0 ? "-" : version.Source,
        version.StagedBy ?? "-",
        version.ApprovedBy ?? "-",
    ];

    private static string PendingText(PendingChange pending, MatchPolicy policy)
    {
        string what = pending.Update is null ? "deletion"
            : pending.Update.Apply(policy) is var wanted && wanted == policy ? "policy as it is"
            : string.Join(", ", PolicyOptions.Differences(policy, pending.Update.Apply(policy)));
        return string.Create(
            CultureInfo.InvariantCulture, $"change {pending.Revision} by {pending.By}, {Time(pending.At)}: {what}");
    }
}
