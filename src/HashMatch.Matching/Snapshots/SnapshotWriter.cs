using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Snapshots;

/// <summary>Writes a snapshot, one segment in memory at a time.</summary>
internal sealed class SnapshotWriter(Stream target, int segmentBytes) : IDisposable
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private readonly ListSegmentBuilder _builder = new(segmentBytes);
    private readonly byte[] _row = new byte[PackedRow.MaxBytes];

    public void Dispose() => _digest.Dispose();

    /// <summary>Writes the file's beginning.</summary>
    public Task BeginAsync(CancellationToken cancellation)
    {
        byte[] header = new byte[SnapshotFormat.HeaderBytes];
        SnapshotFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(SnapshotFormat.Magic.Length), SnapshotFormat.Current);
        return AppendAsync(header, cancellation);
    }

    /// <summary>Begins a list; its rows follow.</summary>
    public Task BeginListAsync(SnapshotList list, CancellationToken cancellation) => WriteFrameAsync(
        SnapshotFormat.ListKind,
        JsonSerializer.SerializeToUtf8Bytes(list, SnapshotJson.Default.SnapshotList),
        cancellation);

    /// <summary>Takes the next row of the list; when false, <see cref="CutAsync"/>, and again.</summary>
    public bool TryAdd(ListSegment segment, int row) =>
        _builder.TryAdd(new PackedRow(_row.AsSpan(0, PackedRow.Write(segment, row, _row))));

    /// <summary>Writes the rows so far as a segment, if there are any.</summary>
    public async Task CutAsync(CancellationToken cancellation)
    {
        if (_builder.Rows > 0)
        {
            byte[] blob = new byte[_builder.EncodedBytes];
            _builder.Encode(blob);
            await WriteFrameAsync(SnapshotFormat.SegmentKind, blob, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the file.</summary>
    /// <param name="key">Null: without a signature.</param>
    /// <param name="cancellation">Leaves a file that no reader takes.</param>
    public async Task SealAsync(SigningKey? key, CancellationToken cancellation)
    {
        byte[] digest = _digest.GetCurrentHash();
        byte[] seal = key is null
            ? digest
            : [.. digest, .. key.Public.Raw, .. key.Sign(SnapshotFormat.Sealed(digest))];
        await WriteFrameAsync(SnapshotFormat.SealKind, seal, cancellation).ConfigureAwait(false);
        await target.FlushAsync(cancellation).ConfigureAwait(false);
    }

    private async Task WriteFrameAsync(byte kind, byte[] payload, CancellationToken cancellation)
    {
        byte[] head = new byte[SnapshotFormat.FrameHeadBytes];
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(1), payload.Length);
        byte[] checksum = new byte[SnapshotFormat.ChecksumBytes];
        SnapshotFormat.Checksum(head, payload, checksum);
        await AppendAsync(head, cancellation).ConfigureAwait(false);
        await AppendAsync(payload, cancellation).ConfigureAwait(false);
        await AppendAsync(checksum, cancellation).ConfigureAwait(false);
    }

    private async Task AppendAsync(byte[] bytes, CancellationToken cancellation)
    {
        _digest.AppendData(bytes);
        await target.WriteAsync(bytes, cancellation).ConfigureAwait(false);
    }
}
