namespace HashMatch.Matching.Auditing;

/// <summary>Which changes took effect: of each subject the run of records that leads to the one it names.</summary>
internal sealed class AuditSubjects
{
    private readonly Dictionary<string, List<Link>> _records =
        new(StringComparer.Ordinal);

    /// <summary>Subjects that were met.</summary>
    public IReadOnlyCollection<string> Names => _records.Keys;

    /// <summary>Takes a record; those that stand for themselves are passed over.</summary>
    /// <param name="record">In the log's order.</param>
    /// <param name="fromFirst">Whether all records before it were taken.</param>
    /// <returns>Whether its base is none or a record of the same subject, as far as records were taken.</returns>
    public bool Add(AuditRecord record, bool fromFirst)
    {
        if (record.Base is not { } found)
        {
            return true;
        }

        if (!_records.TryGetValue(record.Subject, out List<Link>? own))
        {
            _records.Add(record.Subject, own = []);
        }

        bool known = !fromFirst || found == 0 || Find(own, found) >= 0;
        own.Add(new Link(record.Sequence, found, record.Hash, record.State, record.Action == AuditEntry.Deleted));
        return known;
    }

    /// <summary>What became of a record that was taken.</summary>
    /// <param name="record">The record.</param>
    /// <param name="named">The record that the subject names now; null when that cannot be told.</param>
    public AuditEffect EffectOf(AuditRecord record, AuditHead? named)
    {
        if (record.Base is not { } found)
        {
            return AuditEffect.Noted;
        }

        if (named is null || !_records.TryGetValue(record.Subject, out var own))
        {
            return AuditEffect.Unknown;
        }

        long at = named.Sequence;
        while (at > record.Sequence)
        {
            int place = Find(own, at);
            if (place < 0)
            {
                return AuditEffect.Unknown;
            }

            at = own[place].Base;
        }

        return at == record.Sequence ? AuditEffect.Done
            : found == named.Sequence ? AuditEffect.Pending
            : AuditEffect.Void;
    }

    /// <summary>What is wrong with what a subject says of itself; null when nothing is. All its records were taken.
    /// </summary>
    /// <param name="subject">The subject.</param>
    /// <param name="now">What it says, read before the last of its records was.</param>
    /// <param name="isAtOnce">Whether its store writes a change and its record as one.</param>
    public AuditFault? FaultOf(string subject, Stores.AuditedSubject now, bool isAtOnce)
    {
        if (now.Record is not { } named)
        {
            return new AuditFault(0, 0, $"{subject} names a record that is none.");
        }

        if (!_records.TryGetValue(subject, out var own))
        {
            return named.Sequence == 0 && now.State.Length == 0 ? null
                : new AuditFault(0, 0, $"{subject} has no record: it is older than the log, or was written behind it.");
        }

        if (named.Sequence == 0)
        {
            bool isBare = isAtOnce || now.State.Length > 0 || own.Exists(each => each.Base != 0);
            return isBare
                ? new AuditFault(own[^1].Sequence, own[^1].Sequence, $"{subject} names none of its records.")
                : Pending(subject, own[^1].Sequence);
        }

        int place = Find(own, named.Sequence);
        if (place < 0 || own[place].Hash != named.Hash)
        {
            return new AuditFault(
                named.Sequence, named.Sequence, $"{subject} names record {named.Sequence}, which is not in the log.");
        }

        return IsOther(subject, own[place], now.State)
            ? new AuditFault(
                named.Sequence,
                named.Sequence,
                $"{subject} is not as record {named.Sequence} left it: it was changed behind the log.")
            : LaterFault(subject, own, place, isAtOnce);
    }

    /// <summary>Whether the last change of what a subject names, or of a subject that names none, is not made so far.
    /// </summary>
    public bool IsPending(string subject, Stores.AuditedSubject now) =>
        now.Record is { } named && _records.TryGetValue(subject, out List<Link>? own)
        && own[^1].Sequence > named.Sequence && own[^1].Base == named.Sequence;

    // Of records behind the one that is named, those are in order that lost to it or to one that led to it: they name
    // a base that was in effect before. One that was made from a later state saw that state in effect.
    private static AuditFault? LaterFault(string subject, List<Link> own, int place, bool isAtOnce)
    {
        if (isAtOnce && SkippedFault(subject, own) is { } skipped)
        {
            return skipped;
        }

        if (place == own.Count - 1)
        {
            return null;
        }

        long named = own[place].Sequence;
        (HashSet<long> before, bool isWhole) = RunTo(own, place);
        foreach (Link later in own[(place + 1)..])
        {
            bool isLost = later.Base < named && (before.Contains(later.Base) || !isWhole);
            if (isAtOnce || (later.Base != named && !isLost))
            {
                return new AuditFault(own[^1].Sequence, own[^1].Sequence,
                    $"{subject} is as record {named} left it, and not as record {own[^1].Sequence}, its last, did: an "
                    + "older state was put back behind the log.");
            }
        }

        int last = own.FindLastIndex(each => each.Base == named);
        return last >= 0 ? Pending(subject, own[last].Sequence) : null;
    }

    // Where a record is written with its change no other can come between: the next is made from what it left.
    private static AuditFault? SkippedFault(string subject, List<Link> own)
    {
        for (int i = 1; i < own.Count; i++)
        {
            (Link before, Link next) = (own[i - 1], own[i]);
            // A base that is not there is a record that cannot be read, which is named for itself.
            bool isThere = next.Base == 0 ? !before.IsDeletion : Find(own, next.Base) >= 0;
            if (isThere && next.Base != before.Sequence)
            {
                return new AuditFault(next.Sequence, next.Sequence,
                    $"Record {next.Sequence} of {subject} was made from what record {next.Base} left, and not from "
                    + $"what record {before.Sequence}, the one before it, did: an older state was put back behind the "
                    + "log.");
            }
        }

        return null;
    }

    private static AuditFault Pending(string subject, long record) => new(record, record,
        $"Record {record} of {subject} is pending, its change is not in effect: either it was interrupted or refused, "
        + "or an older state was put back behind the log.");

    /// <returns>The bases that led to a record, and whether all are at hand.</returns>
    private static (HashSet<long> Bases, bool IsWhole) RunTo(List<Link> own, int place)
    {
        HashSet<long> bases = [];
        while (place >= 0)
        {
            long found = own[place].Base;
            bases.Add(found);
            if (found == 0)
            {
                return (bases, true);
            }

            // A base that is no earlier record would lead round in a circle.
            place = found < own[place].Sequence ? Find(own, found) : -1;
        }

        return (bases, false);
    }

    /// <summary>Whether the record that a subject names says nothing of the state that the subject is in, though
    /// records of its kind do.</summary>
    public bool IsUnstated(string subject, Stores.AuditedSubject now) =>
        now is { Record: { } named, State.Length: > 0 } && _records.TryGetValue(subject, out List<Link>? own)
        && Find(own, named.Sequence) is >= 0 and int place && own[place].State.Length == 0;

    // A record that is older than the state of its kind says only that there is a document.
    private static bool IsOther(string subject, Link named, string state) =>
        named.State.Length == 0 && !named.IsDeletion && StatedGroup.Find(subject.Split(':')[0]) is not null
            ? state is "" or Stores.AuditedSubject.Odd
            : named.State != state;

    private static int Find(List<Link> own, long sequence)
    {
        int low = 0, high = own.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (own[middle].Sequence == sequence)
            {
                return middle;
            }

            (low, high) = own[middle].Sequence < sequence ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    /// <param name="Sequence">The record.</param>
    /// <param name="Base">The record that it builds on.</param>
    /// <param name="Hash">Its own.</param>
    /// <param name="State">What it leaves.</param>
    /// <param name="IsDeletion">Whether it leaves nothing.</param>
    private readonly record struct Link(long Sequence, long Base, string Hash, string State, bool IsDeletion);
}
