using System.Buffers;
using System.Runtime.InteropServices;

namespace HashMatch.Server.Memory;

/// <summary>Memory of the arena, zeroed and given back when it is disposed; nothing reads it then any more.</summary>
public sealed unsafe class ArenaBlock : MemoryManager<byte>
{
    private readonly UploadArena _arena;
    private readonly int _capacity;
    private nint _memory;
    private int _length;

    internal ArenaBlock(UploadArena arena, byte* memory, int capacity)
    {
        _arena = arena;
        _memory = (nint)memory;
        _capacity = capacity;
        _length = capacity;
    }

    /// <summary>Bytes in use; may be made fewer.</summary>
    public int Length
    {
        get => _length;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)_capacity, nameof(value));
            _length = value;
        }
    }

    /// <summary>Called once when the block is given back.</summary>
    internal Action<ArenaBlock>? Returned { get; set; }

    public override Memory<byte> Memory => CreateMemory(_length);

    /// <summary>The block that memory is of, if it is of one.</summary>
    public static ArenaBlock? Of(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetMemoryManager(memory, out ArenaBlock? block) ? block : null;

    /// <exception cref="ObjectDisposedException">The memory is given back.</exception>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        return new Span<byte>((byte*)_memory, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        return new MemoryHandle((byte*)_memory + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory != 0)
        {
            Returned?.Invoke(this);
            _arena.Return((byte*)memory, _capacity);
        }
    }
}
