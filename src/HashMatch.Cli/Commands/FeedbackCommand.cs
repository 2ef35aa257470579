using System.CommandLine;
using HashMatch.Cli.Output;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Feedback;
using HashMatch.Matching.Stores;
using HashMatch.Proto.V1;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch exchanges feedback`: tells an exchange what became of a match.</summary>
internal static class FeedbackCommand
{
    private const int PageSize = 1000;

    public static Command Create(Surroundings surroundings)
    {
        var list = new Argument<string>("NAME") { Description = "The exchange, or the list that it keeps." };
        var id = new Option<string?>("--external-id") { Description = "The entry's external id.", HelpName = "ID" };
        var verdict = new Option<string?>("--verdict")
        {
            Description = "The verdict whose match it was, instead; from `hashmatch events`.",
            HelpName = "ID",
        };
        var wrong = new Option<bool>("--wrong") { Description = "The match was wrong (default: it was right)." };
        var reason = new Option<string?>("--reason")
        {
            Description = "NCMEC: the id of the reason.",
            HelpName = "GUID",
        };
        var command = new Command("feedback", "Tell the exchange that a match of its entry was right or wrong.")
        {
            list, id, verdict, wrong, reason,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            await using IListStore store = await ExchangesCommand.OpenAsync(session, cancellation);
            string name = session.Value(list);
            StoredExchange? exchange = (await new ExchangeCatalog(store).ReadAllAsync(cancellation))
                .FirstOrDefault(each => each.Name == name || each.State.Definition.List == name);
            if (exchange is null)
            {
                return session.Output.Fail(ExchangesCommand.NotFound(name));
            }

            if ((session.Value(id) is null) == (session.Value(verdict) is null))
            {
                return session.Output.Fail(new Failure("INVALID", "Say either --external-id or --verdict."));
            }

            HashSet<string> ids = session.Value(id) is { } given
                ? [given]
                : await OfVerdictAsync(store, exchange, session.Value(verdict)!, cancellation);
            return await QueueAsync(
                session, store, exchange, ids, session.Value(wrong), session.Value(reason), cancellation);
        });
    }

    private static async Task<int> QueueAsync(
        Session session,
        IListStore store,
        StoredExchange exchange,
        HashSet<string> ids,
        bool wrong,
        string? reason,
        CancellationToken cancellation)
    {
        var queue = new WaitingFeedback(store, TimeProvider.System, ExchangesCommand.LimitsOf(session));
        int queued;
        int sent;
        try
        {
            queued = await queue.QueueAsync(
                exchange, ids, wrong ? FeedbackOpinion.Wrong : FeedbackOpinion.Match, reason, cancellation);
        }
        catch (ExchangeException problem)
        {
            return session.Output.Fail(ExchangesCommand.Of(problem));
        }

        if (queued == 0)
        {
            return session.Output.Fail(new Failure(
                "ENTRY_NOT_FOUND",
                $"The active version of list '{exchange.State.Definition.List}' has no such entry.",
                "See `hashmatch events` for the external ids of what matched."));
        }

        try
        {
            sent = await queue.SendAsync(
                exchange.Name, ExchangesCommand.CredentialsOf(session, exchange.Name), cancellation);
        }
        catch (ExchangeException)
        {
            // No credentials here: it waits for a server that has them.
            sent = 0;
        }

        if (session.Output.Json)
        {
            session.Output.Document(new { Exchange = exchange.Name, Queued = queued, Sent = sent });
        }
        else
        {
            session.Output.Line($"'{exchange.Name}': {queued} queued, {sent} sent now.");
        }

        return ExitCode.Ok;
    }

    private static async Task<HashSet<string>> OfVerdictAsync(
        IListStore store, StoredExchange exchange, string verdict, CancellationToken cancellation)
    {
        HashSet<string> ids = [];
        string? after = null;
        IReadOnlyList<StoredEvent> page;
        do
        {
            page = await store.ReadEventsAsync(after, PageSize, cancellation);
            foreach (StoredEvent stored in page)
            {
                after = stored.Cursor;
                MatchEvent read = MatchEvent.Parser.ParseFrom(stored.Document.Span);
                if (read.VerdictId == verdict && read.Match?.List == exchange.State.Definition.List)
                {
                    ids.Add(read.Match.ExternalId);
                }
            }
        }
        while (page.Count > 0);
        return ids;
    }
}
