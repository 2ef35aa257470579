using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Cli.Verdicts;
using HashMatch.Matching.Index;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch explain`: what is nearest to a hash, matched or not.</summary>
internal static class ExplainCommand
{
    private const int MostNearest = 1000;

    public static Command Create(Surroundings surroundings)
    {
        var hash = new Argument<string>("HASH")
        {
            Description = "A PDQ hash, 64 hex digits: `hashmatch hash FILE` says that of a picture.",
        };
        var nearest = new Option<int>("--nearest")
        {
            Description = string.Create(
                CultureInfo.InvariantCulture, $"Most entries of each list, 1 to {MostNearest}."),
            HelpName = "K",
            DefaultValueFactory = _ => 5,
        };
        var list = new Option<string?>("--list")
        {
            Description = "This list only.",
            HelpName = "NAME",
        };
        var command = new Command(
            "explain",
            "Show the entries of each enabled list that are nearest to a hash, and whether they are within its "
            + "threshold.")
        {
            hash, nearest, list,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.ServerRefused("it looks into the store itself") is { } refused)
            {
                return session.Output.Fail(refused);
            }

            if (!PdqHash.TryParse(session.Value(hash), out PdqHash query))
            {
                return session.Output.Fail(new Failure("INVALID", "HASH must be 64 hex digits."));
            }

            if (session.Value(nearest) is < 1 or > MostNearest)
            {
                return session.Output.Fail(new Failure(
                    "INVALID", string.Create(CultureInfo.InvariantCulture, $"--nearest must be 1 to {MostNearest}.")));
            }

            await using IListStore store = await StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
            using LocalIndex local = await LocalIndex.OpenAsync(store, cancellation);
            return Explain(session, local.Index, query, session.Value(nearest), session.Value(list));
        });
    }

    private static int Explain(Session session, HashIndex index, PdqHash query, int count, string? name)
    {
        if (name is not null && !index.Lists.Any(list => list.Name == name))
        {
            return session.Output.Fail(new Failure(
                "LIST_NOT_FOUND",
                $"No enabled list with an active version is called '{name}'.",
                NearNames.Hint(name, [.. index.Lists.Select(list => list.Name)])));
        }

        IReadOnlyList<IReadOnlyList<Candidate>> found = index.FindNearest(query, count);
        (IndexedList List, IReadOnlyList<Candidate> Nearest)[] shown =
        [
            .. index.Lists.Select((list, place) => (List: list, Nearest: found[place]))
                .Where(each => name is null || each.List.Name == name),
        ];
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                Hash = query.ToString(),
                Lists = shown.Select(each => Document(each.List, each.Nearest, now)).ToArray(),
            });
            return ExitCode.Ok;
        }

        session.Output.Table(
            ["LIST", "KIND", "DISTANCE", "THRESHOLD", "WITHIN", "EXTERNAL ID", "CLASSIFICATION", "EXPIRES", "VALUE"],
            [.. shown.SelectMany(each => each.Nearest.Select(entry => Row(each.List, entry, now)))]);
        return ExitCode.Ok;
    }

    private static object Document(IndexedList list, IReadOnlyList<Candidate> nearest, DateTimeOffset now) => new
    {
        List = list.Name,
        ListVersion = list.Version,
        Kind = Words.Of(list.Policy.Kind),
        list.Policy.MaxDistance,
        list.Policy.Shadow,
        Nearest = nearest.Select(entry => new
        {
            entry.Distance,
            Within = entry.Distance <= list.Policy.MaxDistance,
            Expired = IsExpired(list, entry, now),
            ExternalId = entry.Segment.ExternalId(entry.Row),
            Classification = entry.Segment.Classification(entry.Row),
            Severity = entry.Segment.Severity(entry.Row),
            Value = Value(entry),
            ExpiresAt = entry.Segment.ExpiresAt(entry.Row),
        }).ToArray(),
    };

    private static string[] Row(IndexedList list, Candidate entry, DateTimeOffset now) =>
    [
        $"{list.Name}/{list.Version.ToString(CultureInfo.InvariantCulture)}",
        Words.Of(list.Policy.Kind),
        entry.Distance.ToString(CultureInfo.InvariantCulture),
        list.Policy.MaxDistance.ToString(CultureInfo.InvariantCulture),
        entry.Distance > list.Policy.MaxDistance ? "NO" : IsExpired(list, entry, now) ? "EXPIRED" : "YES",
        OrDash(entry.Segment.ExternalId(entry.Row)),
        OrDash(entry.Segment.Classification(entry.Row)),
        entry.Segment.ExpiresAt(entry.Row) is { } expires ? ListTables.Time(expires) : "-",
        Value(entry),
    ];

    // As the matcher has it: what expires now does not match any more.
    private static bool IsExpired(IndexedList list, Candidate entry, DateTimeOffset now) =>
        list.Policy.ExpiresAt <= now || entry.Segment.ExpiresAt(entry.Row) <= now;

    private static string Value(Candidate entry) => entry.Segment.KeyAt(entry.Row).Value.ToPdq().ToString();

    private static string OrDash(string text) => text.Length == 0 ? "-" : text;
}
