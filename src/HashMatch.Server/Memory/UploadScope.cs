using HashMatch.Server.Errors;

namespace HashMatch.Server.Memory;

/// <summary>
/// The arena's blocks of one HTTP request. Whatever becomes of it, they are back when it ends: a message may be parsed
/// for a call that is refused before any code of a service sees it.
/// </summary>
public sealed class UploadScope : IDisposable
{
    private static readonly AsyncLocal<UploadScope?> Local = new();

    private readonly UploadArena _arena;
    private readonly Lock _gate = new();
    private readonly HashSet<ArenaBlock> _blocks = [];
    private ArenaBlock? _body;

    private UploadScope(UploadArena arena) => _arena = arena;

    /// <summary>The scope of the request that this code serves.</summary>
    /// <exception cref="InvalidOperationException">It serves none.</exception>
    public static UploadScope Current =>
        Local.Value ?? throw new InvalidOperationException("Uploads are read within a request alone.");

    /// <summary>Begins a request; all that it calls is within the scope.</summary>
    public static UploadScope Begin(UploadArena arena)
    {
        var scope = new UploadScope(arena);
        Local.Value = scope;
        return scope;
    }

    /// <summary>Takes memory until it is disposed, or the request ends.</summary>
    /// <exception cref="Grpc.Core.RpcException">QUEUE_FULL: there is no room now.</exception>
    public ArenaBlock Rent(int bytes)
    {
        ArenaBlock block = _arena.TryRent(bytes) ?? throw RpcErrors.QueueFull();
        block.Returned = Forget;
        lock (_gate)
        {
            _blocks.Add(block);
        }

        return block;
    }

    /// <summary>Keeps the upload that came in the request's body, which is no protobuf.</summary>
    public void Keep(ArenaBlock body) => _body = body;

    /// <summary>A message's bytes; those of the request's body where the message was made of that.</summary>
    public static ReadOnlyMemory<byte> BytesOf(ReadOnlyMemory<byte> message) =>
        message.IsEmpty && Local.Value?._body is { } body ? body.Memory : message;

    /// <summary>Zeroes a message's bytes and gives their memory back, once nothing reads them.</summary>
    public static void Release(ReadOnlyMemory<byte> message) => ((IDisposable?)ArenaBlock.Of(message))?.Dispose();

    /// <summary>Gives back what is left.</summary>
    public void Dispose()
    {
        Local.Value = null;
        ArenaBlock[] blocks;
        lock (_gate)
        {
            blocks = [.. _blocks];
        }

        foreach (IDisposable block in blocks)
        {
            block.Dispose();
        }
    }

    private void Forget(ArenaBlock block)
    {
        lock (_gate)
        {
            _blocks.Remove(block);
        }
    }
}
