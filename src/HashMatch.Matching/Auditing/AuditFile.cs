using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Auditing;

/// <summary>
/// A log in a file: a first line that says how far it goes, the checkpoints, the records; a line each, as a store
/// holds them.
/// </summary>
public static class AuditFile
{
    private const string Format = "hashmatch audit log, format 1";
    private const int MaxLineBytes = 64 * 1024;

    private static ReadOnlySpan<byte> HeadPrefix => "{\"export\":"u8;

    private static ReadOnlySpan<byte> CheckpointPrefix => "{\"checkpoint\":"u8;

    private static ReadOnlySpan<byte> RecordPrefix => "{\"seq\":"u8;

    /// <summary>Writes the log of a store as it is, good or not.</summary>
    /// <returns>Where it ends.</returns>
    public static async Task<AuditHead> WriteAsync(
        IListStore store, Stream target, IProgress<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(target);
        AuditHead head = await store.ReadAuditHeadAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<ReadOnlyMemory<byte>> checkpoints = await store.ReadCheckpointsAsync(cancellation)
            .ConfigureAwait(false);

        // One that was made meanwhile is of records that are not in the file.
        ReadOnlyMemory<byte>[] own =
        [
            .. checkpoints.Where(line =>
                AuditCheckpoint.Decode(line.Span) is not { } known || known.Sequence <= head.Sequence),
        ];
        await WriteLineAsync(target, Encode(head, own.Length), cancellation).ConfigureAwait(false);
        foreach (ReadOnlyMemory<byte> line in own)
        {
            await WriteLineAsync(target, line, cancellation).ConfigureAwait(false);
        }

        long after = 0;
        while (after < head.Sequence)
        {
            IReadOnlyList<StoredAudit> some = await store.ReadAuditAsync(after, AuditLog.MaxRecords, cancellation)
                .ConfigureAwait(false);
            foreach (StoredAudit stored in some.Where(each => each.Place <= head.Sequence))
            {
                await WriteLineAsync(target, stored.Record, cancellation).ConfigureAwait(false);
            }

            if (some.Count < AuditLog.MaxRecords)
            {
                break;
            }

            after = some[^1].Place;
            progress?.Report(after);
        }

        return head;
    }

    /// <summary>Verifies a file to its end.</summary>
    /// <param name="file">Read once.</param>
    /// <param name="trusted">Keys whose checkpoints count; none: whichever signed.</param>
    /// <param name="kept">Lines of checkpoints that were kept elsewhere.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<AuditReport> VerifyAsync(
        Stream file,
        IReadOnlyCollection<TrustedKey> trusted,
        IReadOnlyCollection<ReadOnlyMemory<byte>> kept,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(kept);
        AuditVerifier verifier = new(trusted);
        foreach (ReadOnlyMemory<byte> line in kept)
        {
            verifier.AddKept(line.Span);
        }

        FileLines lines = new(verifier);
        PipeReader reader = PipeReader.Create(file, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                lines.Take(buffer.Slice(0, end).ToArray());
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (buffer.Length > MaxLineBytes || (read.IsCompleted && !buffer.IsEmpty))
            {
                lines.Take(buffer.ToArray());
                buffer = buffer.Slice(buffer.End);
                lines.IsCut = true;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await reader.CompleteAsync().ConfigureAwait(false);
        return lines.Finish();
    }

    /// <summary>The lines of checkpoints in a file: one of a checkpoint alone, or an exported log.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> CheckpointsOf(ReadOnlySpan<byte> file)
    {
        List<ReadOnlyMemory<byte>> found = [];
        foreach (Range range in file.Split((byte)'\n'))
        {
            if (file[range].StartsWith(CheckpointPrefix))
            {
                found.Add(file[range].ToArray());
            }
        }

        return found;
    }

    private static async Task WriteLineAsync(Stream target, ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        await target.WriteAsync(line, cancellation).ConfigureAwait(false);
        await target.WriteAsync("\n"u8.ToArray(), cancellation).ConfigureAwait(false);
    }

    private static byte[] Encode(AuditHead head, int checkpoints) => Encoding.ASCII.GetBytes(
        $"{{\"export\":\"{Format}\",\"checkpoints\":{checkpoints},\"last\":{head.Sequence},\"hash\":\"{head.Hash}\"}}");

    private static (AuditHead Head, int Checkpoints)? Decode(ReadOnlySpan<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line.ToArray());
            AuditHead head = new(
                document.RootElement.GetProperty("last").GetInt64(),
                document.RootElement.GetProperty("hash").GetString() ?? "");
            int checkpoints = document.RootElement.GetProperty("checkpoints").GetInt32();
            return line.SequenceEqual(Encode(head, checkpoints)) ? (head, checkpoints) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException)
        {
            return null;
        }
    }

    private sealed class FileLines(AuditVerifier verifier)
    {
        private (AuditHead Head, int Checkpoints)? _head;
        private bool _begun;
        private bool _inRecords;
        private int _checkpoints;

        /// <summary>Whether the last line has no end.</summary>
        public bool IsCut { get; set; }

        public void Take(byte[] line)
        {
            if (!_begun)
            {
                _begun = true;
                _head = Decode(line);
                if (_head is { } said)
                {
                    verifier.AddHead(said.Head);
                    return;
                }

                verifier.Add(new AuditFault(0, 0, "The file's first line is not what was written."));
                if (!line.AsSpan().StartsWith(CheckpointPrefix) && !line.AsSpan().StartsWith(RecordPrefix))
                {
                    return;
                }
            }

            bool isCheckpoint = line.AsSpan().StartsWith(CheckpointPrefix)
                || (!line.AsSpan().StartsWith(RecordPrefix) && !_inRecords && _checkpoints < _head?.Checkpoints);
            if (line.AsSpan().StartsWith(HeadPrefix) || (isCheckpoint && _inRecords))
            {
                verifier.Add(new AuditFault(
                    verifier.Expected, verifier.Expected,
                    $"Before record {verifier.Expected} stands a line that belongs at the file's beginning."));
            }

            if (isCheckpoint)
            {
                _checkpoints++;
                verifier.AddCheckpoint(line);
            }
            else if (!line.AsSpan().StartsWith(HeadPrefix))
            {
                _inRecords = true;
                verifier.Add(null, line);
            }
        }

        public AuditReport Finish()
        {
            if (!_begun)
            {
                verifier.Add(new AuditFault(0, 0, "The file is empty."));
            }

            if (_head is { } said && said.Checkpoints != _checkpoints)
            {
                verifier.Add(new AuditFault(
                    0, 0, $"The file holds {_checkpoints} checkpoints; its first line says {said.Checkpoints}."));
            }

            if (IsCut)
            {
                verifier.Add(new AuditFault(
                    verifier.Expected - 1, verifier.Expected - 1,
                    $"The file's last line, of record {verifier.Expected - 1}, has no end: it was cut off."));
            }

            return verifier.Finish(_head?.Head);
        }
    }
}
