using System.Runtime.InteropServices;

namespace HashMatch.Server.Memory;

/// <summary>
/// Pages of the operating system that uploads lie in. On Linux they are kept out of dumps, of forked processes and, as
/// far as the limit allows, of swap; elsewhere they are plain memory.
/// </summary>
internal static unsafe partial class NativePages
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 4096;

    private const int ReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x4022;
    private const int DontNeed = 4;
    private const int DontFork = 10;
    private const int DontDump = 16;
    private const int DontNeedLocked = 24;
    private const int LockOnFault = 1;
    private const int LockedMemoryLimit = 8;

    /// <summary>Maps zeroed pages; they take memory once they are written.</summary>
    /// <param name="bytes">Whole pages.</param>
    /// <exception cref="InsufficientMemoryException">The host refuses.</exception>
    public static byte* Map(long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (byte*)NativeMemory.AllocZeroed((nuint)bytes);
        }

        byte* pages = MapPages(null, (nuint)bytes, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        if (pages == (byte*)-1)
        {
            throw new InsufficientMemoryException("The memory for uploads cannot be mapped.");
        }

        _ = Advise(pages, (nuint)bytes, DontDump);
        _ = Advise(pages, (nuint)bytes, DontFork);
        return pages;
    }

    /// <summary>Gives mapped pages back.</summary>
    public static void Unmap(byte* pages, long bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = UnmapPages(pages, (nuint)bytes);
        }
        else
        {
            NativeMemory.Free(pages);
        }
    }

    /// <summary>Keeps pages out of dumps, where the host can.</summary>
    public static void KeepOutOfDumps(byte* pages, long bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(pages, (nuint)bytes, DontDump);
        }
    }

    /// <summary>Gives the memory of whole pages back, which read as zeros from then on.</summary>
    /// <returns>False where the host does not: the pages are as they were.</returns>
    public static bool Drop(byte* pages, long bytes) => OperatingSystem.IsLinux()
        && (Advise(pages, (nuint)bytes, DontNeedLocked) == 0 || Advise(pages, (nuint)bytes, DontNeed) == 0);

    /// <summary>Locks pages into memory as they are written, from the first on, as far as RLIMIT_MEMLOCK allows.
    /// </summary>
    /// <returns>Bytes that are locked.</returns>
    public static long Lock(byte* pages, long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        if (LockPages(pages, (nuint)bytes, LockOnFault) == 0)
        {
            return bytes;
        }

        Limit limit;
        if (GetLimit(LockedMemoryLimit, &limit) != 0)
        {
            return 0;
        }

        limit.Soft = limit.Hard;
        _ = SetLimit(LockedMemoryLimit, &limit);
        long allowed = (long)Math.Min(limit.Hard, (ulong)bytes) & -PageBytes;
        return allowed > 0 && LockPages(pages, (nuint)allowed, LockOnFault) == 0 ? allowed : 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial byte* MapPages(
        void* address, nuint bytes, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int UnmapPages(void* address, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* address, nuint bytes, int advice);

    [LibraryImport("libc", EntryPoint = "mlock2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int LockPages(void* address, nuint bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, Limit* limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
