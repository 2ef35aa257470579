using System.Buffers;
using HashMatch.Matching.Auditing;

namespace HashMatch.Matching.Lists;

/// <summary>Turns rows, which come in ascending order, into segments in the store.</summary>
internal sealed class SegmentSink(BlobWriter writer, int segmentBytes) : IRowSink
{
    private readonly BlobWriter _writer = writer;
    private readonly ListSegmentBuilder _builder = new(segmentBytes);
    private readonly List<SegmentRef> _segments = [];
    private readonly long[] _counts = new long[(int)HashType.Sha256 + 1];

    /// <summary>The segments so far, in order.</summary>
    public IReadOnlyList<SegmentRef> Segments => _segments;

    /// <summary>Rows that are no tombstones, by type.</summary>
    public EntryCounts Counts => new()
    {
        Pdq = _counts[(int)HashType.Pdq],
        Md5 = _counts[(int)HashType.Md5],
        Sha1 = _counts[(int)HashType.Sha1],
        Sha256 = _counts[(int)HashType.Sha256],
    };

    /// <summary>Takes a row; when the segment is full it is not taken: <see cref="CutAsync"/>, and again.</summary>
    public bool TryAdd(PackedRow row)
    {
        if (!_builder.TryAdd(row))
        {
            return false;
        }

        _counts[(int)row.Type] += row.IsTombstone ? 0 : 1;
        return true;
    }

    /// <summary>Ends the segment, if any row is in it.</summary>
    public async Task CutAsync(CancellationToken cancellation)
    {
        if (_builder.Rows == 0)
        {
            return;
        }

        string id = BlobWriter.NewId();
        int length = _builder.EncodedBytes;
        byte[] blob = ArrayPool<byte>.Shared.Rent(length);
        (int rows, string first) = (_builder.Rows, _builder.First.ToString());
        _builder.Encode(blob.AsSpan(0, length));
        _segments.Add(new SegmentRef(
            id,
            rows,
            length,
            ListSegment.Checksum(blob.AsSpan(0, length)),
            first,
            AuditRecord.DigestOf(blob.AsSpan(0, length))));
        await _writer.WriteAsync(id, blob, length, cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts a segment that is in the store already behind those so far.</summary>
    public async Task KeepAsync(SegmentRef segment, CancellationToken cancellation)
    {
        await CutAsync(cancellation).ConfigureAwait(false);
        _segments.Add(segment);
    }

    /// <summary>Ends the last segment and waits until all are stored.</summary>
    public async Task<IReadOnlyList<SegmentRef>> FinishAsync(CancellationToken cancellation)
    {
        await CutAsync(cancellation).ConfigureAwait(false);
        await _writer.FlushAsync().ConfigureAwait(false);
        return _segments;
    }
}
