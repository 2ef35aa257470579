using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HashMatch.Matching;
using HashMatch.Matching.Stores;
using HashMatch.Server.Recording;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>Events at the edge: one message a match, stored as its protobuf bytes.</summary>
public static class EventMessages
{
    /// <summary>The events of one verdict, without cursors.</summary>
    public static IEnumerable<V1.MatchEvent> Of(MatchRecord record)
    {
        foreach (Match match in record.Verdict.Matches)
        {
            yield return Of(record, match, shadow: false);
        }

        foreach (Match match in record.Verdict.ShadowMatches)
        {
            yield return Of(record, match, shadow: true);
        }

        foreach (SuppressedMatch suppressed in record.Verdict.Suppressed)
        {
            V1.MatchEvent item = Of(record, suppressed.Match, suppressed.MatchIsShadow);
            item.SuppressedBy = MatchingMessages.SuppressorOf(suppressed);
            yield return item;
        }
    }

    /// <summary>An event as it was stored, with its cursor.</summary>
    /// <exception cref="StoreCorruptException">The document is not an event.</exception>
    public static V1.MatchEvent Read(StoredEvent stored)
    {
        try
        {
            V1.MatchEvent read = V1.MatchEvent.Parser.ParseFrom(stored.Document.Span);
            read.Cursor = stored.Cursor;
            return read;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new StoreCorruptException($"The event at {stored.Cursor} is not whole.", e);
        }
    }

    private static V1.MatchEvent Of(MatchRecord record, Match match, bool shadow) => new()
    {
        Time = Timestamp.FromDateTimeOffset(record.Verdict.Time),
        VerdictId = record.Verdict.Id,
        Reference = record.Reference,
        Outcome = MatchingMessages.Of(record.Verdict.Outcome),
        Action = MatchingMessages.Of(record.Verdict.Action),
        Match = MatchingMessages.Of(match),
        Shadow = shadow,
    };
}
