namespace HashMatch.Imaging.Png;

/// <summary>
/// The contents of consecutive IDAT chunks as one stream, read from the file's memory; ends at the first other chunk,
/// at the file's end, or when it is cancelled.
/// </summary>
internal sealed class ImageDataStream : Stream
{
    // Chunks without data are free to write: this many are passed between looks at the token.
    private const int ChunksBetweenLooks = 4096;

    private readonly ReadOnlyMemory<byte> _image;
    private readonly CancellationToken _cancellation;
    private long _next;
    private int _at;
    private int _left;
    private byte[] _reader = [];

    /// <param name="image">The file.</param>
    /// <param name="start">Where the first IDAT chunk begins.</param>
    /// <param name="cancellation">Ends the stream.</param>
    public ImageDataStream(ReadOnlyMemory<byte> image, int start, CancellationToken cancellation)
    {
        _image = image;
        _next = start;
        _cancellation = cancellation;
    }

    /// <summary>The reader has been told that there are no more bytes.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        _reader = buffer;
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        int read = 0;
        while (read < buffer.Length && (_left > 0 || FindData()))
        {
            int count = Math.Min(_left, buffer.Length - read);
            _image.Span.Slice(_at, count).CopyTo(buffer[read..]);
            _at += count;
            _left -= count;
            read += count;
        }

        HasEnded |= read == 0 && !buffer.IsEmpty;
        return read;
    }

    /// <summary>Zeroes what the reader still holds of the file: it gives its buffer to the common pool as it is.</summary>
    public void Forget() => _reader.AsSpan().Clear();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool FindData()
    {
        ReadOnlySpan<byte> image = _image.Span;
        for (int passed = 0; passed % ChunksBetweenLooks != 0 || !_cancellation.IsCancellationRequested; passed++)
        {
            if (PngChunk.Read(image, _next, out PngChunk chunk) != PngChunkStatus.Found
                || chunk.Name != PngChunk.Data)
            {
                return false;
            }

            _at = chunk.Start;
            _left = Math.Min(chunk.Length, image.Length - chunk.Start);
            _next = chunk.Next;
            if (_left > 0)
            {
                return true;
            }
        }

        return false;
    }
}
