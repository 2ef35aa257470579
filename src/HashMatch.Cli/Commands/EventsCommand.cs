using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Proto.V1;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch events`: the record of matches.</summary>
internal static class EventsCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var after = new Option<string?>("--after")
        {
            Description = "Only events after this cursor (default: from the oldest kept).",
            HelpName = "CURSOR",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "Most events, 1 to 1000.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        var command = new Command("events", "The record of matches, oldest first.") { after, limit };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.Value(limit) is < 1 or > 1000)
            {
                return session.Output.Fail(new Failure("INVALID", "--limit must be 1 to 1000."));
            }

            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            IReadOnlyList<MatchEvent> events = await curator.ReadEventsAsync(
                session.Value(after) ?? "", session.Value(limit), cancellation);
            Write(session.Output, events);
            return ExitCode.Ok;
        });
    }

    private static void Write(ToolOutput output, IReadOnlyList<MatchEvent> events)
    {
        if (output.Json)
        {
            output.Document(new { Events = events.Select(Document).ToArray() });
        }
        else if (events.Count == 0)
        {
            output.Note("No events.");
        }
        else
        {
            output.Table(
                ["TIME", "OUTCOME", "ACTION", "LIST", "EXTERNAL ID", "DISTANCE", "REFERENCE", "VERDICT", "CURSOR"],
                [.. events.Select(Row)]);
        }
    }

    private static object Document(MatchEvent item) => new
    {
        item.Cursor,
        Time = item.Time.ToDateTimeOffset(),
        item.VerdictId,
        item.Reference,
        Outcome = Words.Of(item.Outcome),
        Action = Words.Of(item.Action),
        Match = Documents.Of(Wire.MatchOf(item.Match ?? new Proto.V1.Match())),
        item.Shadow,
        SuppressedBy = item.SuppressedBy is { } by
            ? Documents.SuppressorOf(Wire.SuppressedOf(item.Match ?? new Proto.V1.Match(), by, item.Shadow))
            : null,
        Probed = item.Probed is { } probing ? new { probing.Caller, probing.Hashes } : null,
        Quarantined = item.Quarantined is { } alarm ? new { alarm.Matches, alarm.Expected } : null,
    };

    private static string[] Row(MatchEvent item)
    {
        Matching.Match match = Wire.MatchOf(item.Match ?? new Proto.V1.Match());
        return
        [
            ListTables.Time(item.Time.ToDateTimeOffset()),
            Words.Of(item.Outcome),
            item.Quarantined is not null ? "quarantined"
                : item.Probed is { } probing ? $"probed by {probing.Caller}"
                : item.SuppressedBy is { } by ? $"{(by.Shadow ? "shadow: " : "")}suppressed by {by.List}"
                : item.Shadow ? "shadow"
                : Words.Of(item.Action),
            $"{match.List}/{match.ListVersion}",
            match.ExternalId.Length == 0 ? "-" : match.ExternalId,
            match.Distance.ToString(CultureInfo.InvariantCulture),
            item.Reference.Length == 0 ? "-" : item.Reference,
            item.VerdictId,
            item.Cursor,
        ];
    }
}
