namespace HashMatch.Imaging.Workers;

/// <summary>
/// What keeps a worker process from doing anything but decode; each is in force where the host allows it.
/// </summary>
[Flags]
public enum WorkerConfinement
{
    None = 0,

    /// <summary>Gets its bytes in memory that it shares with its parent, and can only read.</summary>
    SharedMemory = 1,

    /// <summary>Can gain no privilege (no_new_privs).</summary>
    NoNewPrivileges = 2,

    /// <summary>Leaves no core file (RLIMIT_CORE) and cannot be traced by others (PR_SET_DUMPABLE).</summary>
    NoDump = 4,

    /// <summary>Cannot make a file longer (RLIMIT_FSIZE), and has few descriptors (RLIMIT_NOFILE).</summary>
    NoFiles = 8,

    /// <summary>Is refused memory far over its limit (RLIMIT_DATA); its parent watches the limit itself.</summary>
    MemoryLimit = 16,

    /// <summary>Is not root, and has no capability.</summary>
    Unprivileged = 32,

    /// <summary>
    /// A system call filter on every thread: memory, threads, time and its pipes are left; no file is opened, no socket
    /// made, no process started.
    /// </summary>
    SystemCalls = 64,

    /// <summary>All of them.</summary>
    All = SharedMemory | NoNewPrivileges | NoDump | NoFiles | MemoryLimit | Unprivileged | SystemCalls,
}
