using System.Runtime.InteropServices;

namespace HashMatch.Matching.Recovery;

/// <summary>Files that are whole or not there, whenever the machine stops.</summary>
internal static partial class DurableFiles
{
    /// <summary>What a file is called while it is written.</summary>
    public const string Unfinished = ".tmp";

    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>Writes a file aside, to the disk, and puts it in its place. The name is durable after <see
    /// cref="SyncFolder"/>.</summary>
    /// <exception cref="IOException">The disk is full, or fails; what was there before is still there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string aside = path + Unfinished;
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (FileStream file = new(aside, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch (IOException)
        {
            TryDelete(aside);
            throw;
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int handle = Open(folder, ReadOnlyDirectory);
        if (handle < 0 || FSync(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            _ = handle < 0 ? 0 : Close(handle);
            throw new IOException($"The folder of saved lists cannot be synced: error {error}.");
        }

        _ = Close(handle);
    }

    /// <summary>Deletes a file if it can.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next save tries again.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
