using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Auditing;

/// <summary>
/// Follows a log from its first record to its last. A record is good when its bytes have its hash, its number follows
/// and it names the hash of the one before; a checkpoint when its key signed it and the record that it names has that
/// hash. Whoever can write the log but has no key can make a chain of hashes that is good: what signs for a record is
/// a checkpoint at or behind it.
/// </summary>
/// <param name="trusted">Keys whose checkpoints count; none: whichever signed.</param>
public sealed class AuditVerifier(IReadOnlyCollection<TrustedKey> trusted)
{
    /// <summary>Faults that a report names.</summary>
    public const int MaxFaults = 100;

    private readonly HashSet<string> _keys = [.. trusted.Select(key => key.Id)];
    private readonly List<AuditFault> _faults = [];
    private readonly Dictionary<long, List<(string Hash, string By, bool IsSigned)>> _claims = [];

    // Numbers, from and to and in order, of records that are named as missing or damaged: what builds on them is not at
    // fault.
    private readonly List<(long First, long Last)> _unread = [];
    private long _claimed;
    private string _claimedBy = "";
    private long _checkpoints;
    private long _lastCheckpoint;
    private bool _vouched;
    private long _faultCount;
    private long _records;
    private long _expected = 1;
    private long _signed;
    private AuditHead _head = AuditHead.Empty;
    private bool _fromFirst = true;

    // What the next record may name as the hash before it; empty: any, since what stood before is gone.
    private string[] _before = [AuditHead.Empty.Hash];

    /// <summary>Which changes took effect.</summary>
    internal AuditSubjects Subjects { get; } = new();

    /// <summary>The number that the next record should have.</summary>
    internal long Expected => _expected;

    /// <summary>Goes on at a record that was found good before, and is given again as the first one.</summary>
    internal void StartAt(AuditHead good)
    {
        Claim(good.Sequence, good.Hash, "a good checkpoint", isSigned: true);
        _fromFirst = false;
        _expected = good.Sequence;
        _before = [];
    }

    /// <summary>Where the log says that it ends. Before the records.</summary>
    public void AddHead(AuditHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        Claim(head.Sequence, head.Hash, "the log's head", isSigned: false);
    }

    /// <summary>A checkpoint of the log itself, in order. Before the records.</summary>
    public void AddCheckpoint(ReadOnlySpan<byte> line)
    {
        _checkpoints++;
        if (AuditCheckpoint.Decode(line) is not { } checkpoint)
        {
            Fault(0, 0, $"Checkpoint {_checkpoints} is not what was written.");
            return;
        }

        if (checkpoint.Previous != _lastCheckpoint || checkpoint.Sequence <= _lastCheckpoint)
        {
            Fault(checkpoint.Sequence, checkpoint.Sequence,
                $"Checkpoint {_checkpoints}, of record {checkpoint.Sequence}, does not follow on that of record "
                + $"{_lastCheckpoint}: one is missing, changed or out of order.");
        }

        _lastCheckpoint = checkpoint.Sequence;
        Add(checkpoint, $"checkpoint {_checkpoints}");
    }

    /// <summary>A checkpoint that was kept elsewhere. Before the records.</summary>
    public void AddKept(ReadOnlySpan<byte> line)
    {
        if (AuditCheckpoint.Decode(line) is { } checkpoint)
        {
            Add(checkpoint, "the checkpoint that was kept elsewhere");
        }
        else
        {
            Fault(0, 0, "The checkpoint that was kept elsewhere is none.");
        }
    }

    /// <summary>The next record.</summary>
    /// <param name="place">The number that it is stored under; null when it has none.</param>
    /// <param name="line">Its bytes.</param>
    public void Add(long? place, ReadOnlySpan<byte> line)
    {
        _records++;
        if (place <= 0)
        {
            Fault(0, 0, $"A record is stored as {place}, which is no record's number.");
            return;
        }

        AuditRecord? record = AuditRecord.Decode(line);
        string computed = record?.ComputeHash() ?? "";
        if (record is null || computed != record.Hash)
        {
            // What it says of itself is not trusted: the next one is held against what it may have been.
            long at = place is { } stored && stored >= _expected ? stored : _expected;
            Gap(at);
            Fault(at, at, $"Record {at} is not what was written.");
            _unread.Add((at, at));
            _expected = at + 1;
            _before = record is null ? [] : [record.Hash, computed];
            _head = new AuditHead(at, record?.Hash ?? AuditHead.Empty.Hash);
            return;
        }

        if (place is { } number && number != record.Sequence)
        {
            Fault(record.Sequence, record.Sequence, $"Record {record.Sequence} is stored as {number}.");
        }

        if (record.Sequence < _expected)
        {
            Fault(record.Sequence, record.Sequence,
                $"Record {record.Sequence} stands behind record {_expected - 1}: it is out of order or repeated.");
            return;
        }

        bool follows = !Gap(record.Sequence);
        Follow(record, follows);
    }

    /// <summary>What it came to.</summary>
    /// <param name="head">Where the log says by now that it ends; null when it does not say.</param>
    public AuditReport Finish(AuditHead? head)
    {
        if (_claimed >= _expected)
        {
            Fault(_expected, _claimed, _expected == _claimed
                ? $"Record {_claimed} is missing: {_claimedBy} names it."
                : $"Records {_expected} to {_claimed} are missing: {_claimedBy} names the last.");
        }

        if (head is not null && head.Sequence < _expected - 1)
        {
            Fault(head.Sequence + 1, _expected - 1,
                $"The log's head names record {head.Sequence}, but there is record {_expected - 1}.");
        }

        if (_keys.Count > 0 && !_vouched)
        {
            Fault(0, 0, "No checkpoint is signed with a trusted key: nothing vouches for the log.");
        }

        return new AuditReport(_records, _head, _signed, [.. _faults], _faultCount);
    }

    /// <summary>What is wrong with what a subject says of itself; null when nothing is, or when the record that it
    /// names is one that was named as missing or damaged. All records were taken.</summary>
    internal AuditFault? FaultOf(string subject, AuditedSubject now, bool isAtOnce) =>
        now.Record is { } named && IsUnread(named.Sequence) ? null : Subjects.FaultOf(subject, now, isAtOnce);

    /// <summary>Something else that is wrong.</summary>
    internal void Add(AuditFault fault)
    {
        _faultCount++;
        if (_faults.Count < MaxFaults)
        {
            _faults.Add(fault);
        }
    }

    private void Follow(AuditRecord record, bool follows)
    {
        if (follows && _before.Length > 0 && !_before.Contains(record.Previous))
        {
            Fault(Math.Max(record.Sequence - 1, 1), record.Sequence, record.Sequence == 1
                ? "Record 1 names a record before it."
                : $"Record {record.Sequence} does not follow on record {record.Sequence - 1}: one of them was "
                    + "replaced.");
        }

        if (!Subjects.Add(record, _fromFirst) && !IsUnread(record.Base ?? 0))
        {
            Fault(record.Sequence, record.Sequence,
                $"Record {record.Sequence} changes what record {record.Base} left, which is none of its subject's.");
        }

        Compare(record);
        _expected = record.Sequence + 1;
        _before = [record.Hash];
        _head = record.Head;
    }

    private void Compare(AuditRecord record)
    {
        foreach ((string hash, string by, bool isSigned) in _claims.GetValueOrDefault(record.Sequence) ?? [])
        {
            if (hash != record.Hash)
            {
                Fault(_signed + 1, record.Sequence,
                    $"Record {record.Sequence} is not the one that {by} names: it, or one between {_signed + 1} and "
                    + "it, was replaced.");
            }
            else if (isSigned)
            {
                _signed = record.Sequence;
            }
        }
    }

    private bool Gap(long next)
    {
        if (next <= _expected)
        {
            return false;
        }

        _unread.Add((_expected, next - 1));
        Fault(_expected, next - 1, _expected == next - 1
            ? $"Record {_expected} is missing, or out of order."
            : $"Records {_expected} to {next - 1} are missing, or out of order.");
        return true;
    }

    private bool IsUnread(long sequence)
    {
        int low = 0, high = _unread.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_unread[middle].First <= sequence && sequence <= _unread[middle].Last)
            {
                return true;
            }

            (low, high) = _unread[middle].Last < sequence ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    private void Add(AuditCheckpoint checkpoint, string name)
    {
        if (!checkpoint.IsSigned())
        {
            Fault(checkpoint.Sequence, checkpoint.Sequence,
                $"{Capital(name)}, of record {checkpoint.Sequence}, is not what its key signed.");
        }
        else if (_keys.Count > 0 && !_keys.Contains(checkpoint.Key))
        {
            Fault(checkpoint.Sequence, checkpoint.Sequence,
                $"{Capital(name)}, of record {checkpoint.Sequence}, is signed with key {checkpoint.Key}, which is not "
                + "trusted.");
        }
        else
        {
            _vouched = true;
            Claim(checkpoint.Sequence, checkpoint.Hash, name, isSigned: true);
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private void Claim(long sequence, string hash, string by, bool isSigned)
    {
        if (sequence > _claimed)
        {
            (_claimed, _claimedBy) = (sequence, by);
        }

        if (!_claims.TryGetValue(sequence, out List<(string, string, bool)>? claims))
        {
            _claims.Add(sequence, claims = []);
        }

        claims.Add((hash, by, isSigned));
    }

    private void Fault(long first, long last, string what) => Add(new AuditFault(first, last, what));
}
