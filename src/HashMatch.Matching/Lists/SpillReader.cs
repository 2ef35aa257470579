using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>Reads a sorted run of rows back, one blob ahead.</summary>
internal sealed class SpillReader(IListStore store, string list, IReadOnlyList<SpillRef> run)
{
    private readonly IListStore _store = store;
    private readonly string _list = list;
    private readonly IReadOnlyList<SpillRef> _run = run;
    private Task<byte[]?>? _next;
    private byte[] _blob = [];
    private int _start;
    private int _end;
    private int _taken;

    /// <summary>The row that it stands on.</summary>
    public PackedRow Current => new(_blob.AsSpan(_start, _end - _start));

    /// <summary>The row's key.</summary>
    public EntryKey Key { get; private set; }

    /// <summary>Goes to the next row of the blob in memory; false at its end.</summary>
    public bool TryMoveNext()
    {
        if (_end == _blob.Length)
        {
            return false;
        }

        _start = _end;
        PackedRow row = new(_blob.AsSpan(_start));
        _end += row.Bytes.Length;
        Key = row.Key;
        return true;
    }

    /// <summary>Goes to the first row of the next blob; false at the end of the run.</summary>
    /// <exception cref="StoreCorruptException">The blob is gone or not what was written.</exception>
    public async Task<bool> LoadNextAsync(CancellationToken cancellation)
    {
        if (_taken == _run.Count)
        {
            _blob = [];
            (_start, _end) = (0, 0);
            return false;
        }

        SpillRef spill = _run[_taken++];
        _next ??= Task.Run(() => _store.ReadBlobAsync(_list, spill.Id, cancellation), cancellation);
        byte[]? blob = await _next.ConfigureAwait(false);
        if (blob is null || blob.Length != spill.Bytes || ListSegment.Checksum(blob) != spill.Checksum)
        {
            throw new StoreCorruptException($"Blob {spill.Id}, put aside while staging, is not what was written.");
        }

        _next = null;
        if (_taken < _run.Count)
        {
            string ahead = _run[_taken].Id;
            _next = Task.Run(() => _store.ReadBlobAsync(_list, ahead, cancellation), cancellation);
        }

        _blob = blob;
        (_start, _end) = (0, 0);
        return TryMoveNext();
    }
}
