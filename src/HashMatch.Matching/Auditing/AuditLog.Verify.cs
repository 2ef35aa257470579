using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Auditing;

/// <content>Verifies a log together with what it is about.</content>
public sealed partial class AuditLog
{
    private const int MaxReads = 1000;

    // Together, of all changes that have their record and are not made so far.
    private static readonly TimeSpan WaitForChanges = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitForChange = TimeSpan.FromMilliseconds(50);

    /// <summary>Verifies the whole log, and that what it is about is as its records left it: lists with the content of
    /// all their versions, callers, exchanges.</summary>
    /// <param name="trusted">Keys whose checkpoints count; none: whichever signed.</param>
    /// <param name="kept">Lines of checkpoints that were kept elsewhere.</param>
    /// <param name="progress">Records read so far; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<AuditReport> VerifyAsync(
        IReadOnlyCollection<TrustedKey> trusted,
        IReadOnlyCollection<ReadOnlyMemory<byte>> kept,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(kept);
        AuditVerifier verifier = new(trusted);
        AuditHead? start = null;
        try
        {
            start = await store.ReadAuditHeadAsync(cancellation).ConfigureAwait(false);
            verifier.AddHead(start);
        }
        catch (StoreCorruptException e)
        {
            // Records, checkpoints and subjects say what they can all the same.
            verifier.Add(new AuditFault(0, 0, e.Message));
        }

        foreach (ReadOnlyMemory<byte> line in await store.ReadCheckpointsAsync(cancellation).ConfigureAwait(false))
        {
            verifier.AddCheckpoint(line.Span);
        }

        foreach (ReadOnlyMemory<byte> line in kept)
        {
            verifier.AddKept(line.Span);
        }

        long last = await FollowAsync(verifier, long.MinValue, progress, cancellation).ConfigureAwait(false);
        Dictionary<string, AuditedSubject> now = await ReadSubjectsAsync(verifier.Subjects, cancellation)
            .ConfigureAwait(false);
        HashSet<string> named = [.. (await store.ReadListNamesAsync(cancellation).ConfigureAwait(false))
            .Select(AuditEntry.OfList)];

        // Changes that were made meanwhile have their records behind what was read.
        last = await FollowAsync(verifier, last, progress, cancellation).ConfigureAwait(false);
        ContentVerifier content = new(store);
        TimeSpan left = WaitForChanges;
        foreach (string subject in now.Keys.Order(StringComparer.Ordinal))
        {
            (AuditedSubject found, last, left) = await SettleAsync(
                verifier, subject, now[subject], last, left, cancellation).ConfigureAwait(false);
            AuditFault? fault = verifier.FaultOf(subject, found, store.WritesRecordWithChange);
            fault ??= AuditEntry.ListOf(subject) is not null && found.State.Length > 0 && !named.Contains(subject)
                ? await UnnamedAsync(subject, cancellation).ConfigureAwait(false)
                : null;
            if (fault is not null)
            {
                verifier.Add(fault);
            }
            else if (verifier.Subjects.IsUnstated(subject, found))
            {
                content.AddUnstated($"The record that {subject} names was written before records stated its state.");
            }

            if (AuditEntry.ListOf(subject) is { } list)
            {
                IReadOnlyList<AuditFault> faults = await content.VerifyAsync(
                    list, found.Record?.Sequence ?? 0, fault is not null, cancellation).ConfigureAwait(false);
                foreach (AuditFault each in faults)
                {
                    verifier.Add(each);
                }
            }
        }

        AuditHead? head = start is null ? null
            : await store.ReadAuditHeadAsync(cancellation).ConfigureAwait(false);
        return verifier.Finish(head) with { Content = content.Content };
    }

    /// <summary>Reads a subject again that something is wrong with, as long as it is being changed.</summary>
    private async Task<(AuditedSubject Found, long Last, TimeSpan Left)> SettleAsync(
        AuditVerifier verifier,
        string subject,
        AuditedSubject found,
        long last,
        TimeSpan left,
        CancellationToken cancellation)
    {
        for (int read = 0; read < MaxReads; read++)
        {
            if (verifier.FaultOf(subject, found, store.WritesRecordWithChange) is null)
            {
                break;
            }

            AuditedSubject again = await store.ReadAuditedAsync(subject, cancellation).ConfigureAwait(false);
            if (again == found)
            {
                if (store.WritesRecordWithChange || left <= TimeSpan.Zero
                    || !verifier.Subjects.IsPending(subject, found))
                {
                    break;
                }

                await Task.Delay(WaitForChange, time, cancellation).ConfigureAwait(false);
                left -= WaitForChange;
            }

            found = again;
            last = await FollowAsync(verifier, last, null, cancellation).ConfigureAwait(false);
        }

        return (found, last, left);
    }

    // A name is there before its list is, and as long.
    private async Task<AuditFault?> UnnamedAsync(string subject, CancellationToken cancellation)
    {
        AuditedSubject found = await store.ReadAuditedAsync(subject, cancellation).ConfigureAwait(false);
        IReadOnlyList<string> names = await store.ReadListNamesAsync(cancellation).ConfigureAwait(false);
        long record = found.Record?.Sequence ?? 0;
        return found.State.Length == 0 || names.Select(AuditEntry.OfList).Contains(subject)
            || await store.ReadAuditedAsync(subject, cancellation).ConfigureAwait(false) != found
            ? null
            : new AuditFault(record, record,
                $"{subject} is missing among the store's names of lists, though record {record} left it there: no "
                + "server reads it.");
    }

    private async Task<Dictionary<string, AuditedSubject>> ReadSubjectsAsync(
        AuditSubjects subjects, CancellationToken cancellation)
    {
        Dictionary<string, AuditedSubject> now = [];
        IReadOnlyList<string> lists = await store.ReadListNamesAsync(cancellation).ConfigureAwait(false);
        HashSet<string> all = [.. subjects.Names, .. lists.Select(AuditEntry.OfList)];
        foreach (string group in StatedGroup.All.Select(each => each.Name))
        {
            all.UnionWith((await store.ReadDocumentKeysAsync(group, cancellation).ConfigureAwait(false))
                .Select(key => AuditEntry.OfDocument(group, key)));
        }

        foreach (string subject in all)
        {
            now[subject] = await store.ReadAuditedAsync(subject, cancellation).ConfigureAwait(false);
        }

        return now;
    }
}
