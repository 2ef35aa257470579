using HashMatch.Cli.Output;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Feedback;

namespace HashMatch.Cli.Commands;

/// <summary>Exchanges for people and for programs.</summary>
internal static class ExchangeTables
{
    public static void WriteAll(ToolOutput output, IReadOnlyList<StoredExchange> all)
    {
        if (output.Json)
        {
            output.Document(new { Exchanges = all.Select(each => Document(each, [])).ToArray() });
        }
        else if (all.Count == 0)
        {
            output.Note("No exchanges: `hashmatch exchanges add NAME --kind KIND` adds one.");
        }
        else
        {
            output.Table(
                ["NAME", "KIND", "LIST", "ENABLED", "INTERVAL", "STATE", "LAST SUCCESS"],
                [.. all.Select(each => (string[])
                [
                    each.Name,
                    Words.Of(each.State.Definition.Kind),
                    each.State.Definition.List,
                    each.State.Definition.Enabled ? "yes" : "no",
                    each.State.Definition.Interval.ToString(),
                    StateOf(each.State),
                    Time(each.State.LastSuccessAt),
                ])]);
        }
    }

    public static void WriteStatus(
        ToolOutput output, IReadOnlyList<StoredExchange> all, IReadOnlyList<FeedbackItem> waiting)
    {
        if (output.Json)
        {
            output.Document(new { Exchanges = all.Select(each => Document(each, waiting)).ToArray() });
            return;
        }

        if (all.Count == 0)
        {
            WriteAll(output, all);
        }

        foreach (StoredExchange each in all)
        {
            Write(output, each, [.. waiting.Where(item => item.Exchange == each.Name)]);
        }
    }

    public static void WriteReport(ToolOutput output, string exchange, ExchangeReport report, int told)
    {
        if (output.Json)
        {
            output.Document(new { Exchange = exchange, Run = Document(report), FeedbackSent = told });
            return;
        }

        string made = report.Version == 0 ? "nothing new"
            : report.Waits ? $"version {report.Version} is staged, waits for approval"
            : $"version {report.Version} is active";
        output.Line(
            $"'{exchange}': {ListTables.Counted(report.Pages, "page")}, {report.Records:N0} lines; {made}, "
            + $"{report.Entries:N0} entries.");
        if (report.Malformed > 0)
        {
            output.Note($"{ListTables.Counted(report.Malformed, "malformed record")} left out; the first: "
                + $"{report.FirstMalformed}.");
        }

        if (told > 0)
        {
            output.Line($"{ListTables.Counted(told, "feedback")} sent.");
        }
    }

    public static object Document(StoredExchange exchange, IReadOnlyList<FeedbackItem> waiting)
    {
        ExchangeState state = exchange.State;
        ExchangeDefinition definition = state.Definition;
        FeedbackItem[] items = [.. waiting.Where(item => item.Exchange == exchange.Name)];
        return new
        {
            exchange.Name,
            Kind = Words.Of(definition.Kind),
            definition.List,
            Url = definition.BaseUrl ?? "",
            Group = definition.Group ?? "",
            Interval = definition.Interval.ToString(),
            definition.Members,
            definition.NotMembers,
            Action = Words.Of(definition.Action),
            definition.Enabled,
            definition.ReportMatches,
            definition.AllowPlaintext,
            State = StateOf(state),
            Checkpoint = state.Checkpoint ?? "",
            state.FullAt,
            KeptPages = state.Pages.Count,
            Fetching = state.Run is { } run
                ? new { run.Full, run.StartedAt, Pages = run.Fetched, run.Ended, run.Malformed }
                : null,
            LastRun = state.LastRun is { } last ? Document(last) : null,
            state.LastSuccessAt,
            LastProblem = state.LastProblem is { } problem ? Words.Of(problem) : "",
            LastError = state.LastError ?? "",
            state.LastErrorAt,
            state.NextRunAt,
            FeedbackWaiting = items.Count(item => !item.IsParked),
            FeedbackParked = items.Where(item => item.IsParked)
                .Select(item => new { item.Id, item.ExternalId, item.Attempts, Error = item.LastError ?? "" })
                .ToArray(),
        };
    }

    private static object Document(ExchangeReport report) => new
    {
        report.Full,
        report.StartedAt,
        report.EndedAt,
        report.Pages,
        report.Records,
        report.Malformed,
        FirstMalformed = report.FirstMalformed ?? "",
        report.Version,
        report.Entries,
        report.Removed,
        report.LeftOut,
    };

    private static string StateOf(ExchangeState state) =>
        state.LastProblem is { } problem ? Words.Of(problem)
        : state.Run is not null ? "FETCHING"
        : state.LastSuccessAt is null ? "NEW"
        : "IN_STEP";

    private static void Write(ToolOutput output, StoredExchange exchange, FeedbackItem[] items)
    {
        ExchangeState state = exchange.State;
        List<string[]> rows =
        [
            ["kind", Words.Of(state.Definition.Kind)],
            ["list", state.Definition.List],
            ["state", StateOf(state)],
            ["checkpoint", state.Checkpoint ?? "-"],
            ["all fetched", Time(state.FullAt)],
            ["last success", Time(state.LastSuccessAt)],
            ["next run", Time(state.NextRunAt)],
        ];
        if (state.Run is { } run)
        {
            rows.Add(["fetching", $"{ListTables.Counted(run.Fetched, "page")} since {Time(run.StartedAt)}"]);
        }

        if (state.LastRun is { } last)
        {
            rows.Add(["last run", $"{ListTables.Counted(last.Pages, "page")}, {last.Entries:N0} entries in the list"]);
            rows.Add(["left out", ListTables.Number(last.LeftOut)]);
            rows.Add(["malformed", $"{ListTables.Number(last.Malformed)} {last.FirstMalformed}".TrimEnd()]);
        }

        if (state.LastError is not null)
        {
            rows.Add(["error", $"{Time(state.LastErrorAt)} {state.LastError}"]);
        }

        rows.Add(["feedback waiting", ListTables.Number(items.Count(item => !item.IsParked))]);
        rows.AddRange(items.Where(item => item.IsParked)
            .Select(item => (string[])["feedback parked", $"{item.ExternalId}: {item.LastError}"]));
        output.Table([exchange.Name, ""], rows);
    }

    private static string Time(DateTimeOffset? time) => time is { } known ? ListTables.Time(known) : "-";
}
