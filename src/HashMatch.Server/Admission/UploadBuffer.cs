using System.Buffers;
using System.Runtime.InteropServices;

namespace HashMatch.Server.Admission;

/// <summary>
/// The bytes of one upload while its chunks come in: native memory that grows to a limit and is zeroed whenever it is
/// given back. One caller at a time.
/// </summary>
public sealed unsafe class UploadBuffer(int maxBytes) : MemoryManager<byte>
{
    private const int FirstCapacity = 64 * 1024;

    private byte* _bytes;
    private int _capacity;

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes held; valid until the next append and until disposal.</summary>
    public override Memory<byte> Memory => CreateMemory(Length);

    /// <summary>Takes the next bytes.</summary>
    /// <returns>False, with nothing taken, when they would go over the limit.</returns>
    public bool TryAppend(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length > maxBytes - Length)
        {
            return false;
        }

        Grow(Length + chunk.Length);
        chunk.CopyTo(new Span<byte>(_bytes + Length, chunk.Length));
        Length += chunk.Length;
        return true;
    }

    public override Span<byte> GetSpan() => new(_bytes, Length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Length, nameof(elementIndex));
        return new MemoryHandle(_bytes + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        Free(_bytes, _capacity);
        _bytes = null;
        _capacity = 0;
        Length = 0;
    }

    private static void Free(byte* bytes, int capacity)
    {
        if (bytes is not null)
        {
            NativeMemory.Clear(bytes, (nuint)capacity);
            NativeMemory.Free(bytes);
        }
    }

    private void Grow(int needed)
    {
        if (needed <= _capacity)
        {
            return;
        }

        int capacity = (int)Math.Min(maxBytes, Math.Max(Math.Max(needed, FirstCapacity), (long)_capacity * 2));
        byte* grown = (byte*)NativeMemory.Alloc((nuint)capacity);
        GetSpan().CopyTo(new Span<byte>(grown, Length));
        Free(_bytes, _capacity);
        _bytes = grown;
        _capacity = capacity;
    }
}
