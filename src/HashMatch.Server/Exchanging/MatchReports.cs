using System.Text;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Feedback;
using HashMatch.Matching.Stores;
using HashMatch.Server.Services;

namespace HashMatch.Server.Exchanging;

/// <summary>
/// Queues "this matched" for exchanges that want it. The place in the events moves after what stands before it is
/// queued; an event that is read twice is queued once.
/// </summary>
public sealed class MatchReports(IListStore store, WaitingFeedback feedback)
{
    private const string Group = "feedback-cursors";
    private const string Key = "events";
    private const int BatchSize = 1000;

    /// <summary>Queues what matched since the last call.</summary>
    public async Task QueueAsync(IReadOnlyList<StoredExchange> exchanges, CancellationToken cancellation)
    {
        StoredExchange[] wanting = [.. exchanges.Where(each => each.State.Definition.ReportMatches)];
        if (wanting.Length == 0)
        {
            return;
        }

        StoredDocument? place = await store.ReadDocumentAsync(Group, Key, cancellation);
        string? after = place is null ? null : Encoding.UTF8.GetString(place.Content.Span);
        IReadOnlyList<StoredEvent> events = await store.ReadEventsAsync(after, BatchSize, cancellation);
        if (events.Count == 0)
        {
            return;
        }

        // A match that only a shadow list knows is none that anybody acted upon.
        ILookup<string, string> matched = events.Select(EventMessages.Read)
            .Where(each => !each.Shadow && each.Match is not null)
            .ToLookup(each => each.Match.List, each => each.Match.ExternalId);
        foreach (StoredExchange exchange in wanting)
        {
            HashSet<string> ids = [.. matched[exchange.State.Definition.List]];
            if (ids.Count > 0)
            {
                await feedback.QueueAsync(exchange, ids, FeedbackOpinion.Match, null, cancellation);
            }
        }

        long revision = place?.Revision ?? 0;
        await store.TryWriteDocumentAsync(
            new StoredDocument(Group, Key, revision + 1, Encoding.UTF8.GetBytes(events[^1].Cursor)),
            revision,
            cancellation);
    }
}
