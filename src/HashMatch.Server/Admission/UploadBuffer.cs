using HashMatch.Server.Memory;

namespace HashMatch.Server.Admission;

/// <summary>
/// The bytes of one upload while its chunks come in: memory of the arena that grows to a limit. One caller at a time.
/// </summary>
public sealed class UploadBuffer(UploadScope scope, int maxBytes) : IDisposable
{
    private const int FirstCapacity = 64 * 1024;

    private ArenaBlock? _block;

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes held; valid until the next append and until disposal.</summary>
    public Memory<byte> Memory => _block is { } block ? block.Memory[..Length] : default;

    /// <summary>Takes the next bytes.</summary>
    /// <returns>False, with nothing taken, when they would go over the limit.</returns>
    /// <exception cref="Grpc.Core.RpcException">QUEUE_FULL: the arena has no room now.</exception>
    public bool TryAppend(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length > maxBytes - Length)
        {
            return false;
        }

        Grow(Length + chunk.Length);
        chunk.CopyTo(_block!.GetSpan()[Length..]);
        Length += chunk.Length;
        return true;
    }

    public void Dispose()
    {
        ((IDisposable?)_block)?.Dispose();
        _block = null;
        Length = 0;
    }

    private void Grow(int needed)
    {
        int held = _block?.Length ?? 0;
        if (_block is not null && needed <= held)
        {
            return;
        }

        ArenaBlock grown = scope.Rent(
            (int)Math.Min(maxBytes, Math.Max(Math.Max(needed, FirstCapacity), (long)held * 2)));
        Memory.Span.CopyTo(grown.GetSpan());
        ((IDisposable?)_block)?.Dispose();
        _block = grown;
    }
}
