using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// Memory without a name (memfd_create(2)) that one worker can read: the file's bytes on their way in. Takes no memory
/// where nothing was written. It is inherited while its worker starts and at no other time: through /proc no process
/// finds what another has open that is not dumpable.
/// </summary>
internal sealed class SharedBytes : IDisposable
{
    private const uint CloseOnExec = 1;
    private const int KeepSizeAndPunchHole = 3;

    // Above this the memory is given back, and not only zeroed.
    private const int MaxKept = 1024 * 1024;

    private const int SetDescriptorFlags = 2;

    private static readonly Lock Inheriting = new();
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private SharedBytes(SafeFileHandle handle, int capacity)
    {
        _handle = handle;
        Capacity = capacity;
        RandomAccess.SetLength(handle, capacity);
        _file = MemoryMappedFile.CreateFromFile(
            handle, null, capacity, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, capacity, MemoryMappedFileAccess.ReadWrite);
    }

    /// <summary>Most bytes that it takes.</summary>
    public int Capacity { get; }

    /// <summary>Where the worker finds it.</summary>
    public string Path => $"/proc/self/fd/{_handle.DangerousGetHandle()}";

    /// <summary>Makes one; null where the host has none.</summary>
    public static SharedBytes? Create(int capacity)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        int descriptor = CreateMemory("hashmatch-upload\0"u8.ToArray(), CloseOnExec);
        if (descriptor < 0)
        {
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            return new SharedBytes(handle, capacity);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            handle.Dispose();
            return null;
        }
    }

    /// <summary>Starts a process that inherits it, and no other meanwhile that would.</summary>
    public static T Inherited<T>(SharedBytes? shared, Func<T> start)
    {
        if (shared is null)
        {
            return start();
        }

        lock (Inheriting)
        {
            _ = Control(shared._handle, SetDescriptorFlags, 0);
            try
            {
                return start();
            }
            finally
            {
                _ = Control(shared._handle, SetDescriptorFlags, (int)CloseOnExec);
            }
        }
    }

    /// <summary>Puts bytes at the beginning.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _view.SafeMemoryMappedViewHandle.WriteSpan(0, bytes);

    /// <summary>Zeroes so many bytes from the beginning.</summary>
    public void Clear(int length)
    {
        if (length > MaxKept && Allocate(_handle, KeepSizeAndPunchHole, 0, Capacity) == 0)
        {
            return;
        }

        for (int at = 0; at < length; at += Zeros.Length)
        {
            _view.SafeMemoryMappedViewHandle.WriteSpan(
                (ulong)at, Zeros.AsSpan(0, Math.Min(Zeros.Length, length - at)));
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        _handle.Dispose();
    }

    [DllImport("libc", EntryPoint = "memfd_create")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int CreateMemory(byte[] name, uint flags);

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle file, int command, int flags);

    [DllImport("libc", EntryPoint = "fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Allocate(SafeFileHandle file, int mode, nint offset, nint length);
}
