using System.Buffers.Text;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// Reads what another process has of physical memory; cheap enough to be asked a hundred times a second.
/// </summary>
internal sealed class ResidentMemory : IDisposable
{
    private readonly Process _process;
    private readonly SafeFileHandle? _statistics;

    /// <param name="process">Stays the caller's.</param>
    public ResidentMemory(Process process)
    {
        _process = process;
        try
        {
            _statistics = OperatingSystem.IsLinux() ? File.OpenHandle($"/proc/{process.Id}/statm") : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A host that hides processes: the worker's own limit is left.
        }
    }

    /// <summary>Bytes; 0 when it is not known, or the process has ended.</summary>
    public long Read()
    {
        try
        {
            return _statistics is not null ? Pages(_statistics) * Environment.SystemPageSize
                : OperatingSystem.IsLinux() ? 0 : WorkingSet();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            return 0;
        }
    }

    public void Dispose() => _statistics?.Dispose();

    // "size resident shared text lib data dt", in pages (proc_pid_statm(5)).
    private static long Pages(SafeFileHandle statistics)
    {
        Span<byte> text = stackalloc byte[128];
        ReadOnlySpan<byte> read = text[..RandomAccess.Read(statistics, text, 0)];
        int at = read.IndexOf((byte)' ') + 1;
        return at > 0 && Utf8Parser.TryParse(read[at..], out long pages, out _) ? pages : 0;
    }

    private long WorkingSet()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }
}
