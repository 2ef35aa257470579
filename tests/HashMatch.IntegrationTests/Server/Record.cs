using HashMatch.IntegrationTests.Fixtures;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Reads the event log.</summary>
internal static class Record
{
    /// <summary>Every event, page by page.</summary>
    public static async Task<List<V1.MatchEvent>> ReadAllAsync(RunningServer server, CancellationToken cancellation)
    {
        List<V1.MatchEvent> events = [];
        while (true)
        {
            V1.ListEventsResponse page = await server.Events.ListEventsAsync(
                new V1.ListEventsRequest { After = events.LastOrDefault()?.Cursor ?? "", PageSize = 1000 },
                cancellationToken: cancellation);
            if (page.Events.Count == 0)
            {
                return events;
            }

            events.AddRange(page.Events);
        }
    }

    /// <summary>Waits for the event of a verdict.</summary>
    public static async Task<V1.MatchEvent> EventAsync(
        RunningServer server, string verdictId, CancellationToken cancellation)
    {
        V1.MatchEvent? found = null;
        await Eventually.TrueAsync(
            async () =>
            {
                found = (await ReadAllAsync(server, cancellation)).Find(e => e.VerdictId == verdictId);
                return found is not null;
            },
            "the verdict is on record", cancellation);
        return found!;
    }
}
