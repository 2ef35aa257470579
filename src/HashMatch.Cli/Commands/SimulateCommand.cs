using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Proto.V1;
using HashList = HashMatch.Matching.Lists.HashList;
using ListKind = HashMatch.Matching.ListKind;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists simulate`: what other thresholds would have matched, by the events.</summary>
internal static class SimulateCommand
{
    private const int PageSize = 1000;

    public static Command Create(Surroundings surroundings)
    {
        Argument<string> name = ListsCommand.Name();
        var range = new Option<(int From, int To)>("--max-distance")
        {
            CustomParser = ParseRange,
            Description = "Thresholds, 0 to 63: 20..40, or one.",
            HelpName = "FROM..TO",
            Required = true,
        };
        var days = new Option<int>("--days")
        {
            Description = "Events of the last N days, 1 to 366.",
            HelpName = "N",
            DefaultValueFactory = _ => 7,
        };
        var command = new Command(
            "simulate",
            "How many matches other thresholds would have made of the last days' uploads. It counts what events "
            + "recorded, by the policy of then: up to the list's max distance, beyond which nothing is known.")
        {
            name, range, days,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.Value(days) is < 1 or > 366)
            {
                return session.Output.Fail(new Failure("INVALID", "--days must be 1 to 366."));
            }

            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            CatalogResult<HashList> list = await curator.ReadAsync(session.Value(name), cancellation);
            if (!list.IsOk)
            {
                return await session.RefuseAsync(list, session.Value(name), curator, cancellation);
            }

            (int from, int to) = session.Value(range);
            if (ProblemOf(list.Value, from, to) is { } problem)
            {
                return session.Output.Fail(problem);
            }

            DateTimeOffset since = TimeProvider.System.GetUtcNow().AddDays(-session.Value(days));
            RecordedDistances recorded = new(list.Value.Name);
            DateTimeOffset? oldest = await ReadAsync(curator, since, recorded, cancellation);
            Write(session.Output, list.Value, recorded, (from, to), since, oldest);
            return ExitCode.Ok;
        });
    }

    private static Failure? ProblemOf(HashList list, int from, int to) => list.Policy switch
    {
        { Kind: not ListKind.Match } =>
            new Failure("INVALID", $"'{list.Name}' is a list of kind {Words.Of(list.Policy.Kind)}: it has no matches."),
        { MaxDistance: int known } when from > known => new Failure(
            "UNKNOWN_DISTANCES",
            $"'{list.Name}' records distances up to {known}: of {from}..{to} nothing is known.",
            "Record them first: load its file as another list too, with `--shadow true --max-distance "
            + $"{to}`, and simulate that one."),
        _ => null,
    };

    // All pages are read, since a cursor cannot be made of a time.
    private static async Task<DateTimeOffset?> ReadAsync(
        ICurator curator, DateTimeOffset since, RecordedDistances recorded, CancellationToken cancellation)
    {
        DateTimeOffset? oldest = null;
        string after = "";
        while (true)
        {
            IReadOnlyList<MatchEvent> page = await curator.ReadEventsAsync(after, PageSize, cancellation);
            foreach (MatchEvent item in page)
            {
                DateTimeOffset time = item.Time.ToDateTimeOffset();
                oldest ??= time;
                if (time >= since)
                {
                    recorded.Add(item);
                }
            }

            if (page.Count < PageSize)
            {
                return oldest;
            }

            after = page[^1].Cursor;
        }
    }

    private static void Write(
        ToolOutput output,
        HashList list,
        RecordedDistances recorded,
        (int From, int To) range,
        DateTimeOffset since,
        DateTimeOffset? oldest)
    {
        int known = list.Policy.MaxDistance;
        int[] thresholds = [.. Enumerable.Range(range.From, range.To - range.From + 1)];
        if (output.Json)
        {
            output.Document(new
            {
                List = list.Name,
                Since = since,
                OldestEvent = oldest,
                KnownUpTo = known,
                recorded.Digests,
                recorded.Suppressed,
                Thresholds = thresholds.Select(at => new
                {
                    MaxDistance = at,
                    Verdicts = at <= known ? recorded.VerdictsWithin(at) : (int?)null,
                    ExternalIds = at <= known ? recorded.EntriesWithin(at) : (int?)null,
                }).ToArray(),
            });
            return;
        }

        output.Table(
            ["MAX DISTANCE", "VERDICTS", "EXTERNAL IDS"],
            [
                .. thresholds.Select(at => new[]
                {
                    ListTables.Number(at),
                    at <= known ? ListTables.Number(recorded.VerdictsWithin(at)) : "unknown",
                    at <= known ? ListTables.Number(recorded.EntriesWithin(at)) : "unknown",
                }),
            ]);
        string kept = oldest is { } time
            ? $"the oldest event kept is of {ListTables.Time(time)}"
            : "there are no events";
        output.Note($"Since {ListTables.Time(since)}; {kept}. Distances are recorded up to {known}.");
        output.Note(
            $"{ListTables.Counted(recorded.Digests, "verdict")} matched a digest, at every threshold; "
            + $"{ListTables.Counted(recorded.Suppressed, "verdict")} had suppressed matches, which are left out.");
    }

    private static (int From, int To) ParseRange(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] ends = text.Split("..");
        if (ends.Length <= 2 && TryParse(ends[0], out int from) && TryParse(ends[^1], out int to) && from <= to)
        {
            return (from, to);
        }

        result.AddError($"'{text}' is not a range of thresholds: it is such as 20..40, or one number, of 0 to 63.");
        return default;
    }

    private static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number <= MatchPolicy.LargestMaxDistance;
}
