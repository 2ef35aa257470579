using System.Globalization;
using HashMatch.Imaging.Workers;

namespace HashMatch.DecodeWorker;

/// <summary>
/// Gives away, for good, what a decoder does not need. A step that the host refuses is left out, and told.
/// </summary>
internal static unsafe class Confinement
{
    private const uint Nobody = 65534;

    // None can be opened; the runtime needs a pipe for every thread that it starts, and numbers are given from below.
    private const ulong MaxDescriptors = 1024;

    /// <summary>Confines this process, all of its threads.</summary>
    /// <param name="maxBytes">Memory that its parent lets it have in use.</param>
    /// <returns>What is in force.</returns>
    public static WorkerConfinement Apply(long maxBytes)
    {
        if (!OperatingSystem.IsLinux() || sizeof(nint) != 8)
        {
            return WorkerConfinement.None;
        }

        // First, as it reads a file.
        WorkerConfinement applied = LimitMemory(maxBytes) ? WorkerConfinement.MemoryLimit : WorkerConfinement.None;
        Note(WorkerConfinement.Unprivileged, DropPrivileges());
        ParentWatch.DieWithParent();
        Note(WorkerConfinement.NoFiles, Limit(Posix.ResourceFileSize, 0)
            && Limit(Posix.ResourceDescriptors, MaxDescriptors));
        Note(WorkerConfinement.NoDump, Limit(Posix.ResourceCore, 0)
            && Posix.ProcessControl(Posix.SetDumpable, 0, 0, 0, 0) == 0);

        // For this thread; the filter gives it to the others too.
        bool noNew = Posix.ProcessControl(Posix.SetNoNewPrivileges, 1, 0, 0, 0) == 0;
        bool isFiltered = noNew && SystemCallFilter.Apply();
        Note(WorkerConfinement.NoNewPrivileges, isFiltered);
        Note(WorkerConfinement.SystemCalls, isFiltered);
        return applied;

        void Note(WorkerConfinement step, bool isInForce) => applied |= isInForce ? step : WorkerConfinement.None;
    }

    // Another user's process cannot be reached by kill or ptrace; so can none of one's own, by the filter.
    private static bool DropPrivileges()
    {
        if (Posix.EffectiveUser() != 0)
        {
            return true;
        }

        uint group = Nobody;
        return Posix.SetGroups(1, &group) == 0
            && Posix.SetGroup(Nobody, Nobody, Nobody) == 0
            && Posix.SetUser(Nobody, Nobody, Nobody) == 0;
    }

    private static bool Limit(int resource, ulong value)
    {
        var limit = new Posix.Limit { Soft = value, Hard = value };
        return Posix.SetLimit(resource, &limit) == 0;
    }

    // The kernel counts what is mapped, used or not: what the runtime has reserved already comes on top.
    private static bool LimitMemory(long maxBytes)
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmData:", StringComparison.Ordinal)
                && long.TryParse(line.AsSpan(7, line.Length - 9), NumberStyles.Any, null, out long kilobytes))
            {
                return Limit(Posix.ResourceData, (ulong)((kilobytes * 1024) + (2 * maxBytes)));
            }
        }

        return false;
    }
}
