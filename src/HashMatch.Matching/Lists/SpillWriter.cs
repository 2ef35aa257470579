using System.Buffers;

namespace HashMatch.Matching.Lists;

/// <summary>Puts a sorted run of rows aside, as blobs of packed rows.</summary>
internal sealed class SpillWriter(BlobWriter writer, int spillBytes) : IRowSink
{
    private readonly BlobWriter _writer = writer;
    private readonly int _spillBytes = Math.Max(spillBytes, PackedRow.MaxBytes);
    private readonly List<SpillRef> _blobs = [];
    private byte[]? _open;
    private int _used;

    /// <summary>Takes a row; when the blob is full it is not taken: <see cref="CutAsync"/>, and again.</summary>
    public bool TryAdd(PackedRow row)
    {
        _open ??= ArrayPool<byte>.Shared.Rent(_spillBytes);
        if (_used + row.Bytes.Length > _spillBytes)
        {
            return false;
        }

        row.Bytes.CopyTo(_open.AsSpan(_used));
        _used += row.Bytes.Length;
        return true;
    }

    /// <summary>Ends the blob.</summary>
    public async Task CutAsync(CancellationToken cancellation)
    {
        if (_open is null || _used == 0)
        {
            return;
        }

        (byte[] blob, int length) = (_open, _used);
        (_open, _used) = (null, 0);
        SpillRef spill = new(BlobWriter.NewId(), length, ListSegment.Checksum(blob.AsSpan(0, length)));
        _blobs.Add(spill);
        await _writer.WriteAsync(spill.Id, blob, length, cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends the run and waits until it is stored.</summary>
    public async Task<IReadOnlyList<SpillRef>> FinishAsync(CancellationToken cancellation)
    {
        await CutAsync(cancellation).ConfigureAwait(false);
        await _writer.FlushAsync().ConfigureAwait(false);
        return _blobs;
    }
}
