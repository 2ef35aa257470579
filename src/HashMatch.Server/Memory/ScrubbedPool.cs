using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HashMatch.Server.Memory;

/// <summary>
/// The transport's buffers: pages that never move, are left out of dumps and are zeroed when they come back. Safe for
/// concurrent use.
/// </summary>
/// <remarks>The transport wants arrays, so that the pages are those of pinned ones.</remarks>
public sealed unsafe class ScrubbedPool : MemoryPool<byte>
{
    private const int SlabPages = 256;

    // 16 MiB; what comes back beyond takes no memory until it is wanted.
    private const int MaxKept = 4096;

    private readonly Lock _gate = new();
    private readonly Stack<Page> _free = new();
    private long _rented;

    /// <summary>Bytes of a buffer: a page.</summary>
    public override int MaxBufferSize => NativePages.PageBytes;

    /// <summary>Buffers that were handed out so far.</summary>
    public long Rented => Volatile.Read(ref _rented);

    /// <summary>A zeroed buffer of <see cref="MaxBufferSize"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More is wanted.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, NativePages.PageBytes);
        lock (_gate)
        {
            _rented++;
            if (_free.TryPop(out Page? page))
            {
                return page.Take();
            }

            AddSlab();
            return _free.Pop().Take();
        }
    }

    // Buffers may come back behind it: connections outlive their listener.
    protected override void Dispose(bool disposing)
    {
    }

    private void AddSlab()
    {
        byte[] slab = GC.AllocateArray<byte>((SlabPages + 1) * NativePages.PageBytes, pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(slab));
        int first = (int)(-start & (NativePages.PageBytes - 1));
        NativePages.KeepOutOfDumps((byte*)(start + first), SlabPages * NativePages.PageBytes);
        for (int i = SlabPages - 1; i >= 0; i--)
        {
            _free.Push(new Page(
                this,
                MemoryMarshal.CreateFromPinnedArray(
                    slab, first + (i * NativePages.PageBytes), NativePages.PageBytes)));
        }
    }

    private void Return(Page page)
    {
        page.Memory.Span.Clear();
        bool isKept;
        lock (_gate)
        {
            isKept = _free.Count < MaxKept;
            if (isKept)
            {
                _free.Push(page);
            }
        }

        if (!isKept)
        {
            fixed (byte* bytes = page.Memory.Span)
            {
                _ = NativePages.Drop(bytes, NativePages.PageBytes);
            }

            lock (_gate)
            {
                _free.Push(page);
            }
        }
    }

    private sealed class Page(ScrubbedPool pool, Memory<byte> memory) : IMemoryOwner<byte>
    {
        private int _isRented;

        public Memory<byte> Memory { get; } = memory;

        public Page Take()
        {
            _isRented = 1;
            return this;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isRented, 0) == 1)
            {
                pool.Return(this);
            }
        }
    }
}
