namespace HashMatch.Imaging.Png;

/// <summary>
/// The contents of consecutive IDAT chunks, read from the file's memory; they end at the first other chunk, at the
/// file's end, or when the work is cancelled. A value: one owner holds it.
/// </summary>
/// <param name="image">The file.</param>
/// <param name="start">Where the first IDAT chunk begins.</param>
internal struct ImageDataReader(ReadOnlyMemory<byte> image, int start)
{
    // Chunks without data are free to write: this many are passed between looks at the token.
    private const int ChunksBetweenLooks = 4096;

    private long _next = start;
    private int _at;
    private int _left;

    /// <summary>What is left of the current chunk; empty before the first byte is read.</summary>
    public readonly ReadOnlySpan<byte> Chunk => image.Span.Slice(_at, _left);

    /// <summary>Passes over bytes of <see cref="Chunk"/>.</summary>
    public void Skip(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)_left, nameof(count));
        _at += count;
        _left -= count;
    }

    /// <summary>The next byte; false at the end.</summary>
    public bool TryReadByte(CancellationToken cancellation, out byte next)
    {
        if (_left == 0 && !FindData(cancellation))
        {
            next = 0;
            return false;
        }

        next = image.Span[_at++];
        _left--;
        return true;
    }

    /// <summary>Copies bytes of one chunk; 0 at the end.</summary>
    public int Read(Span<byte> destination, CancellationToken cancellation)
    {
        if (_left == 0 && !FindData(cancellation))
        {
            return 0;
        }

        int count = Math.Min(_left, destination.Length);
        image.Span.Slice(_at, count).CopyTo(destination);
        Skip(count);
        return count;
    }

    private bool FindData(CancellationToken cancellation)
    {
        ReadOnlySpan<byte> file = image.Span;
        for (int passed = 0; passed % ChunksBetweenLooks != 0 || !cancellation.IsCancellationRequested; passed++)
        {
            if (PngChunk.Read(file, _next, out PngChunk chunk) != PngChunkStatus.Found || chunk.Name != PngChunk.Data)
            {
                return false;
            }

            _at = chunk.Start;
            _left = Math.Min(chunk.Length, file.Length - chunk.Start);
            _next = chunk.Next;
            if (_left > 0)
            {
                return true;
            }
        }

        return false;
    }
}
