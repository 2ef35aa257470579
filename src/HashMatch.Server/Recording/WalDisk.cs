using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HashMatch.Server.Recording;

/// <summary>What makes bytes and names of files outlive a power cut.</summary>
internal static partial class WalDisk
{
    private const int Interrupted = 4;

    // O_RDONLY | O_CLOEXEC, the same numbers on x64 and arm64.
    private const int OpenFlags = 0x80000;

    /// <summary>Waits until a file's bytes, and its length, are on disk.</summary>
    /// <exception cref="IOException">They may not be, and the system may take them for written: a second call that
    /// succeeds would prove nothing.</exception>
    public static void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        // FlushToDisk takes EROFS for success, which is what a file system says that went read-only over an error.
        while (DataSync(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new IOException("The disk did not take it: " + new Win32Exception(error).Message);
            }
        }
    }

    /// <summary>Waits until the names in a folder are on disk.</summary>
    /// <exception cref="IOException">They may not be.</exception>
    public static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using SafeFileHandle folder = Open(path, OpenFlags);
        if (folder.IsInvalid || FileSync(folder) != 0)
        {
            throw new IOException(
                "The folder cannot be put on disk: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);
}
