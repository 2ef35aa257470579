using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HashMatch.Server.Memory;

/// <summary>
/// The transport's buffers: pages that never move, are left out of dumps and are zeroed when they come back, and once
/// more a moment later: a call that is refused ends its pipe while the connection still copies into it. Safe for
/// concurrent use.
/// </summary>
/// <remarks>The transport wants arrays, so that the pages are those of pinned ones.</remarks>
public sealed unsafe class ScrubbedPool : MemoryPool<byte>
{
    private const int SlabBytes = 1 << 20;

    // What was not wanted beyond for a while takes no memory until it is.
    internal const int MaxKeptBytes = 16 << 20;
    private const int TicksBetweenTrims = 32;

    // Twice this, and the page is clean for good.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(30);

    private readonly Lock _gate = new();

    // Taken from the end: what came back last is in the processor's caches.
    private readonly List<ScrubbedPage> _free = [];
    private readonly Stack<ScrubbedPage> _dropped = new();
    private readonly Timer _timer;
    private List<ScrubbedPage> _returned = [];
    private List<ScrubbedPage> _returnedBefore = [];
    private readonly int _bufferBytes;
    private readonly WideBuffers? _wide;
    private readonly ScrubbedPool? _narrow;
    private bool _isTicking;
    private int _ticks;
    private int _leastFree;

    /// <summary>A pool of pages.</summary>
    public ScrubbedPool()
        : this(NativePages.PageBytes)
    {
    }

    /// <summary>A pool of wide buffers while there are few, and of pages else.</summary>
    /// <param name="bufferBytes">Of a wide buffer: pages, a power of two of them, up to 1 MiB.</param>
    /// <param name="wide">How many there may be.</param>
    internal ScrubbedPool(int bufferBytes, WideBuffers wide)
        : this(bufferBytes) => (_wide, _narrow) = (wide, new ScrubbedPool());

    private ScrubbedPool(int bufferBytes) =>
        (_bufferBytes, _timer) = (bufferBytes, new Timer(_ => Tick()));

    /// <summary>Bytes that each buffer has: a page. It may have more.</summary>
    public override int MaxBufferSize => NativePages.PageBytes;

    private int MaxKept => MaxKeptBytes / _bufferBytes;

    /// <summary>Buffers that may be in memory while nobody has them.</summary>
    internal int Kept
    {
        get
        {
            lock (_gate)
            {
                return _free.Count;
            }
        }
    }

    /// <summary>A zeroed buffer of <see cref="MaxBufferSize"/> or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More is wanted.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, NativePages.PageBytes);
        if (_narrow is not null && !_wide!.TryTake(_bufferBytes))
        {
            return _narrow.Rent(minBufferSize);
        }

        lock (_gate)
        {
            ScrubbedPage page = Take();
            page.IsRented = true;
            return page;
        }
    }

    /// <summary>Zeroes a page and takes it back.</summary>
    internal void Return(ScrubbedPage page)
    {
        page.Memory.Span.Clear();
        lock (_gate)
        {
            if (!page.IsRented)
            {
                return;
            }

            page.IsRented = false;
            _free.Add(page);
            if (!page.IsAwaited)
            {
                page.IsAwaited = true;
                _returned.Add(page);
            }

            if (!_isTicking)
            {
                _isTicking = true;
                _timer.Change(Moment, Timeout.InfiniteTimeSpan);
            }
        }

        _wide?.Give(_bufferBytes);
        TransportStacks.Scrub();
    }

    // Buffers may come back behind it: connections outlive their listener.
    protected override void Dispose(bool disposing)
    {
    }

    // Pages that came back since the last tick are zeroed now and with the next.
    private void Tick()
    {
        List<ScrubbedPage> before;
        List<ScrubbedPage> now;
        lock (_gate)
        {
            (before, now) = (_returnedBefore, _returned);
            before.ForEach(page => page.IsAwaited = false);
            (_returnedBefore, _returned) = (now, []);
        }

        Zero(before);
        Zero(now);
        Trim();
        lock (_gate)
        {
            _isTicking = _returned.Count + _returnedBefore.Count > 0 || _free.Count > MaxKept;
            if (_isTicking)
            {
                _timer.Change(Moment, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Zero(List<ScrubbedPage> pages)
    {
        foreach (ScrubbedPage page in pages)
        {
            lock (_gate)
            {
                if (!page.IsRented)
                {
                    page.Memory.Span.Clear();
                }
            }
        }
    }

    // Only what lay there all the time: pages that come and go under load would be dropped and faulted in again, which
    // takes longer than all else that a refusal does.
    private void Trim()
    {
        if (++_ticks % TicksBetweenTrims != 0)
        {
            return;
        }

        ScrubbedPage[] surplus;
        lock (_gate)
        {
            int count = Math.Max(0, _leastFree - MaxKept);
            surplus = [.. _free.Take(count)];
            _free.RemoveRange(0, count);
            _leastFree = _free.Count;
        }

        foreach (ScrubbedPage page in surplus)
        {
            fixed (byte* bytes = page.Memory.Span)
            {
                _ = NativePages.Drop(bytes, _bufferBytes);
            }

            lock (_gate)
            {
                _dropped.Push(page);
            }
        }
    }

    private ScrubbedPage Take()
    {
        if (_free.Count == 0)
        {
            if (_dropped.TryPop(out ScrubbedPage? dropped))
            {
                return dropped;
            }

            AddSlab();
        }

        ScrubbedPage page = _free[^1];
        _free.RemoveAt(_free.Count - 1);
        _leastFree = Math.Min(_leastFree, _free.Count);
        return page;
    }

    private void AddSlab()
    {
        byte[] slab = GC.AllocateArray<byte>(SlabBytes + NativePages.PageBytes, pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(slab));
        int first = (int)(-start & (NativePages.PageBytes - 1));
        NativePages.KeepOutOfDumps((byte*)(start + first), SlabBytes);
        for (int at = SlabBytes - _bufferBytes; at >= 0; at -= _bufferBytes)
        {
            _free.Add(new ScrubbedPage(this, MemoryMarshal.CreateFromPinnedArray(slab, first + at, _bufferBytes)));
        }
    }
}
