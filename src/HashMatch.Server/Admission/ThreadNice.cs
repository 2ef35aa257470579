using System.Runtime.InteropServices;

namespace HashMatch.Server.Admission;

/// <summary>The scheduler's view of a thread.</summary>
internal static partial class ThreadNice
{
    private const int Process = 0;

    /// <summary>Lets threads of this process that have less to do go first from now on: the runtime's own priorities do
    /// nothing on Linux. Where it cannot be had, nothing changes.</summary>
    /// <param name="nice">1 to 19; each step takes about a tenth of the thread's weight.</param>
    public static void Lower(int nice)
    {
        if (OperatingSystem.IsLinux())
        {
            // On Linux 0 is the calling thread, not its process.
            _ = SetPriority(Process, 0, nice);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
