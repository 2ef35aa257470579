using System.Text;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Snapshots;

namespace HashMatch.Tests.Matching;

/// <summary>A log in memory that can be tampered with, as somebody who can write the store could.</summary>
internal sealed class AuditChain : IDisposable
{
    private readonly Random _random;

    public AuditChain(Random random, int records, params int[] signedAt)
    {
        _random = random;
        AuditHead head = AuditHead.Empty;
        Dictionary<string, long> named = [];
        for (int i = 1; i <= records; i++)
        {
            string subject = $"list:{(char)('a' + random.Next(3))}";
            AuditRecord record = AuditRecord.After(
                head,
                new AuditEntry($"person-{random.Next(4)}", "updated", subject, AuditDetail.Of(("revision", i))),
                named.GetValueOrDefault(subject),
                AuditRecord.DigestOf([(byte)i]),
                new DateTimeOffset(2026, 11, 28, 10, 0, 0, TimeSpan.Zero).AddSeconds(i));
            named[subject] = i;
            Records.Add(record.Encode());
            head = record.Head;
            if (signedAt.Contains(i))
            {
                Sign(head, Key);
            }
        }

        Head = head;
    }

    public SigningKey Key { get; } = SigningKey.Create();

    public List<byte[]> Records { get; } = [];

    public List<byte[]> Checkpoints { get; } = [];

    public AuditHead Head { get; set; }

    /// <summary>What verifying it as a store's log comes to.</summary>
    public AuditReport Verify(bool trust = true, params byte[][] kept)
    {
        AuditVerifier verifier = new(trust ? [Key.Public] : []);
        verifier.AddHead(Head);
        Checkpoints.ForEach(line => verifier.AddCheckpoint(line));
        foreach (byte[] line in kept)
        {
            verifier.AddKept(line);
        }

        // A store keeps its records by number: what was deleted leaves a hole.
        foreach (byte[] line in Records)
        {
            verifier.Add(null, line);
        }

        return verifier.Finish(Head);
    }

    /// <summary>Changes a record and makes all hashes behind it good again, the head's too: what can be done without
    /// the key.</summary>
    public void Forge(int number)
    {
        AuditRecord[] records = [.. Records.Select(line => AuditRecord.Decode(line)!)];
        for (int i = number - 1; i < records.Length; i++)
        {
            AuditRecord record = i == number - 1 ? records[i] with { Actor = "somebody-else" } : records[i];
            record = record with { Previous = i == 0 ? AuditHead.Empty.Hash : records[i - 1].Hash };
            records[i] = record with { Hash = record.ComputeHash() };
            Records[i] = records[i].Encode();
        }

        Head = records[^1].Head;
    }

    /// <summary>Flips one bit of a line.</summary>
    public byte[] Flip(byte[] line)
    {
        byte[] flipped = [.. line];
        flipped[_random.Next(flipped.Length)] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }

    /// <summary>Cuts all behind a record, and sets the head back to it.</summary>
    public void CutBack(int last)
    {
        Records.RemoveRange(last, Records.Count - last);
        Head = AuditRecord.Decode(Records[^1])!.Head;
    }

    /// <summary>Signs anew, by another key, what the checkpoints named.</summary>
    public void SignAnew(SigningKey key)
    {
        long[] at = [.. Checkpoints.Select(line => AuditCheckpoint.Decode(line)!.Sequence)];
        Checkpoints.Clear();
        foreach (long number in at)
        {
            Sign(AuditRecord.Decode(Records[(int)number - 1])!.Head, key);
        }
    }

    /// <summary>As an exported file has it.</summary>
    public byte[] File() =>
    [
        .. Encoding.ASCII.GetBytes(
            $"{{\"export\":\"hashmatch audit log, format 1\",\"checkpoints\":{Checkpoints.Count},"
            + $"\"last\":{Head.Sequence},\"hash\":\"{Head.Hash}\"}}\n"),
        .. Checkpoints.Concat(Records).SelectMany(line => line.Append((byte)'\n')),
    ];

    public void Dispose() => Key.Dispose();

    private void Sign(AuditHead head, SigningKey key)
    {
        long before = Checkpoints.Count == 0 ? 0 : AuditCheckpoint.Decode(Checkpoints[^1])!.Sequence;
        Checkpoints.Add(AuditCheckpoint.Sign(
            head, before, new DateTimeOffset(2026, 11, 28, 11, 0, 0, TimeSpan.Zero), key).Encode());
    }
}
