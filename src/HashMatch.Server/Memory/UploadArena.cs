using System.Globalization;
using System.Runtime.InteropServices;

namespace HashMatch.Server.Memory;

/// <summary>
/// The one place where bytes of uploads lie while calls are in hand: native memory of a fixed size, locked as far as
/// the host allows, left out of dumps, zeroed when it is given back. Safe for concurrent use.
/// </summary>
public sealed unsafe class UploadArena : IDisposable
{
    // What lies above takes no memory when it is free.
    private const long KeptBytes = 64L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly byte* _memory;
    private readonly PageMap _pages;
    private long _usedBytes;
    private bool _isDisposed;

    /// <param name="capacityBytes">Rounded up to pages; 1 page to 1 TiB.</param>
    public UploadArena(long capacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacityBytes, 1L << 40);
        CapacityBytes = (capacityBytes + NativePages.PageBytes - 1) & -NativePages.PageBytes;
        _pages = new PageMap((int)(CapacityBytes / NativePages.PageBytes));
        _memory = NativePages.Map(CapacityBytes);
        LockedBytes = NativePages.Lock(_memory, CapacityBytes);
    }

    /// <summary>Bytes that there are.</summary>
    public long CapacityBytes { get; }

    /// <summary>Bytes, from the first on, that are never written to swap.</summary>
    public long LockedBytes { get; }

    /// <summary>Bytes that are taken.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>What a log says of it, in one line.</summary>
    public string Description => string.Create(
        CultureInfo.InvariantCulture, $"{Mebibytes(CapacityBytes)} MiB for uploads, zeroed when given back, {Locked}");

    private string Locked => LockedBytes == CapacityBytes ? "locked" : string.Create(
        CultureInfo.InvariantCulture,
        $"{Mebibytes(LockedBytes)} MiB of it locked: RLIMIT_MEMLOCK allows no more, the rest may be swapped");

    /// <summary>Takes zeroed memory for one upload, or for a part of one.</summary>
    /// <param name="bytes">0 or more.</param>
    /// <returns>Null when there is no room for it now.</returns>
    public ArenaBlock? TryRent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        int pages = Pages(bytes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            int first = _pages.Take(pages);
            if (first < 0)
            {
                return null;
            }

            _usedBytes += (long)pages * NativePages.PageBytes;
            return new ArenaBlock(this, _memory + ((long)first * NativePages.PageBytes), bytes);
        }
    }

    /// <summary>Gives the memory back to the host; blocks must be back before.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            // A block that a call still holds must not end the process.
            if (!_isDisposed && _usedBytes == 0)
            {
                NativePages.Unmap(_memory, CapacityBytes);
            }

            _isDisposed = true;
        }
    }

    /// <summary>Zeroes a block's memory and takes it back.</summary>
    internal void Return(byte* memory, int bytes)
    {
        int pages = Pages(bytes);
        NativeMemory.Clear(memory, (nuint)bytes);
        long end = memory - _memory + ((long)pages * NativePages.PageBytes);
        if (end > KeptBytes)
        {
            _ = NativePages.Drop(memory, (long)pages * NativePages.PageBytes);
        }

        lock (_gate)
        {
            _pages.Give((int)((memory - _memory) / NativePages.PageBytes), pages);
            _usedBytes -= (long)pages * NativePages.PageBytes;
        }
    }

    private static int Pages(int bytes) =>
        (int)Math.Max(1, ((long)bytes + NativePages.PageBytes - 1) / NativePages.PageBytes);

    private static long Mebibytes(long bytes) => bytes / (1024 * 1024);
}
