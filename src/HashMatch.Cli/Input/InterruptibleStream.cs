namespace HashMatch.Cli.Input;

/// <summary>
/// A pipe or terminal whose reads end when they are cancelled. The system's read does not: it is left waiting on a
/// thread of its own, and what it may still bring is lost, so the stream is of no use after a cancellation.
/// </summary>
internal sealed class InterruptibleStream(Stream inner) : Stream
{
    private readonly byte[] _read = new byte[64 * 1024];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Into bytes of its own, since the caller's may be in other use by the time that a read left alone ends.
        int wanted = Math.Min(buffer.Length, _read.Length);
        int read = await Task.Run(() => inner.Read(_read, 0, wanted), CancellationToken.None)
            .WaitAsync(cancellationToken);
        _read.AsSpan(0, read).CopyTo(buffer.Span);
        return read;
    }

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
