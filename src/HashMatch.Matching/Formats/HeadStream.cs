namespace HashMatch.Matching.Formats;

/// <summary>A stream whose beginning can be looked at before it is read.</summary>
internal sealed class HeadStream(Stream inner) : ForwardStream
{
    /// <summary>Bytes of the beginning.</summary>
    public const int HeadBytes = 64 * 1024;

    private readonly Stream _inner = inner;
    private readonly byte[] _head = new byte[HeadBytes];
    private int _start;
    private int _end;

    /// <summary>The beginning, as far as it was not read or passed over.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(_start, _end - _start);

    /// <summary>Reads the beginning.</summary>
    public async ValueTask FillAsync(CancellationToken cancellation)
    {
        int read;
        do
        {
            read = await _inner.ReadAsync(_head.AsMemory(_end), cancellation).ConfigureAwait(false);
            _end += read;
        }
        while (read > 0 && _end < _head.Length);
    }

    /// <summary>Passes over bytes of the beginning.</summary>
    public void Skip(int bytes) => _start += bytes;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end)
        {
            return _inner.ReadAsync(buffer, cancellationToken);
        }

        int given = Math.Min(buffer.Length, _end - _start);
        _head.AsSpan(_start, given).CopyTo(buffer.Span);
        _start += given;
        return ValueTask.FromResult(given);
    }
}
