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
    public AuditFault? FaultOf(string subject, Stores.AuditedSubject now)
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
            bool isBare = now.State.Length > 0 || own.Exists(each => each.Base != 0);
            return isBare
                ? new AuditFault(own[^1].Sequence, own[^1].Sequence, $"{subject} names none of its records.")
                : null;
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
            : null;
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
