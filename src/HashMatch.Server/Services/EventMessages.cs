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

    /// <summary>The alarm of an entry that floods.</summary>
    public static V1.MatchEvent Of(Flood flood) => new()
    {
        Time = Timestamp.FromDateTimeOffset(flood.At),
        VerdictId = flood.VerdictId,
        Action = V1.Action.Review,
        Match = new V1.Match
        {
            List = flood.List,
            ListVersion = (ulong)flood.ListVersion,
            ExternalId = flood.ExternalId,
            Classification = flood.Classification,
            Severity = flood.Severity,
            Type = MatchingMessages.Of(flood.Key.Type),
            Action = V1.Action.Review,
        },
        Quarantined = new V1.QuarantineAlarm { Matches = (ulong)flood.Matches, Expected = flood.Expected },
    };

    /// <summary>The alarm of a caller that searches for an entry.</summary>
    public static V1.MatchEvent Of(Probing probing) => new()
    {
        Time = Timestamp.FromDateTimeOffset(probing.At),
        VerdictId = probing.VerdictId,
        Match = new V1.Match
        {
            List = probing.List,
            ListVersion = (ulong)probing.ListVersion,
            ExternalId = probing.ExternalId,
            Classification = probing.Classification,
            Severity = probing.Severity,
            Type = V1.HashType.Pdq,
        },
        Probed = new V1.ProbingAlarm { Caller = probing.Caller, Hashes = (uint)probing.Hashes },
    };

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
