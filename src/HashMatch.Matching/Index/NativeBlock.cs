using System.Runtime.InteropServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// Zeroed native memory, aligned to a cache line. Blocks of a huge page or more are mapped, and huge pages are asked
/// for where the system has them: lookups touch random lines, and small pages cost a walk for each.
/// </summary>
internal unsafe partial class NativeBlock : SafeHandle
{
    private const int HugePageBytes = 2 * 1024 * 1024;

    private readonly nuint _mapped;

    /// <param name="bytes">Not negative.</param>
    /// <exception cref="IndexTooLargeException">The system does not give as much.</exception>
    public NativeBlock(long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = Math.Max(64, (bytes + 63) & ~63L);
        if (OperatingSystem.IsLinux() && bytes >= HugePageBytes)
        {
            _mapped = (nuint)(Bytes + HugePageBytes - 1) & ~(nuint)(HugePageBytes - 1);
            SetHandle(Map(_mapped));
            Bytes = (long)_mapped;
        }
        else
        {
            SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Bytes, 64));
            NativeMemory.Clear((void*)handle, (nuint)Bytes);
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Bytes that it holds.</summary>
    public long Bytes { get; }

    /// <summary>Its first byte; use it only while the block lives.</summary>
    public byte* Start => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        if (_mapped != 0)
        {
            return Unmap(handle, _mapped) == 0;
        }

        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    // The kernel aligns large mappings to huge pages by itself since 6.7; before, the first page is cut off by it.
    private static nint Map(nuint bytes)
    {
        const int ReadWrite = 3;
        const int PrivateAnonymous = 0x22;
        const int HugePages = 14;
        nint start = Map(0, bytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1)
        {
            throw new IndexTooLargeException((long)bytes, MemoryBudget.Available);
        }

        // A kernel without huge pages refuses, and small pages do.
        _ = Advise(start, bytes, HugePages);
        return start;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint bytes, int advice);
}
