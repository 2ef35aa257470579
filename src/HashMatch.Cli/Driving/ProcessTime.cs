using System.Diagnostics;

namespace HashMatch.Cli.Driving;

/// <summary>What a process took of the processors.</summary>
/// <param name="User">In its own code.</param>
/// <param name="Kernel">In the kernel: most of it the sockets.</param>
/// <param name="PeakBytes">Its largest resident memory so far.</param>
internal sealed record ProcessTime(TimeSpan User, TimeSpan Kernel, long PeakBytes)
{
    public TimeSpan Total => User + Kernel;

    public static ProcessTime Of(Process process)
    {
        process.Refresh();
        return new ProcessTime(process.UserProcessorTime, process.PrivilegedProcessorTime, process.PeakWorkingSet64);
    }

    public static ProcessTime operator -(ProcessTime end, ProcessTime? start) =>
        start is null ? end : new(end.User - start.User, end.Kernel - start.Kernel, end.PeakBytes);
}
