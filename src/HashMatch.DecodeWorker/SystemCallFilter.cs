using System.Runtime.InteropServices;

namespace HashMatch.DecodeWorker;

/// <summary>
/// A filter on the system calls of every thread (seccomp(2), mode 2): what a decoder needs is named, anything else
/// fails with EPERM. A call that a new runtime wants and does not get is an error that it can handle, not its end.
/// </summary>
internal static unsafe class SystemCallFilter
{
    private const uint ArchitectureX64 = 0xC000003E;
    private const uint ArchitectureArm64 = 0xC00000B7;

    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;

    private const uint Allow = 0x7FFF0000;
    private const uint Refuse = 0x00050000 | 1;
    private const uint NotThere = 0x00050000 | 38;

    private const int SetModeFilter = 1;
    private const int AllThreads = 1;
    private const uint CloneThread = 0x10000;
    private const uint SetName = 15;
    private const uint SetMemoryName = 0x53564D41;

    private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>
    /// Calls that are allowed whatever their arguments, by their numbers on x86-64 and on Arm64 (-1: not there). They
    /// read and write descriptors that are open, map and free memory, wait, tell the time, and end. The runtime makes a
    /// pipe for every thread.
    /// </summary>
    private static readonly (string Name, int X64, int Arm64)[] Allowed =
    [
        ("read", 0, 63), ("write", 1, 64), ("readv", 19, 65), ("writev", 20, 66), ("pread64", 17, 67),
        ("lseek", 8, 62), ("close", 3, 57), ("fstat", 5, 80), ("fcntl", 72, 25), ("poll", 7, -1), ("ppoll", 271, 73),
        ("mmap", 9, 222), ("mprotect", 10, 226), ("munmap", 11, 215), ("brk", 12, 214), ("mremap", 25, 216),
        ("madvise", 28, 233), ("mincore", 27, 232), ("get_mempolicy", 239, 236), ("membarrier", 324, 283),
        ("futex", 202, 98), ("sched_yield", 24, 124), ("sched_getaffinity", 204, 123), ("getcpu", 309, 168),
        ("set_robust_list", 273, 99), ("pipe2", 293, 59), ("rseq", 334, 293), ("set_tid_address", 218, 96),
        ("rt_sigaction", 13, 134), ("rt_sigprocmask", 14, 135), ("rt_sigreturn", 15, 139), ("sigaltstack", 131, 132),
        ("restart_syscall", 219, 128), ("nanosleep", 35, 101), ("clock_nanosleep", 230, 115),
        ("clock_gettime", 228, 113), ("clock_getres", 229, 114), ("gettimeofday", 96, 169), ("time", 201, -1),
        ("getpid", 39, 172), ("gettid", 186, 178), ("getppid", 110, 173), ("getuid", 102, 174), ("uname", 63, 160),
        ("sysinfo", 99, 179), ("getrusage", 98, 165), ("getrlimit", 97, 163), ("getrandom", 318, 278),
        ("exit", 60, 93), ("exit_group", 231, 94),
    ];

    private static uint Clone => IsX64 ? 56U : 220U;

    private static uint Clone3 => 435;

    private static uint SignalThread => IsX64 ? 234U : 131U;

    private static uint ProcessControl => IsX64 ? 157U : 167U;

    private static uint SetAffinity => IsX64 ? 203U : 122U;

    private static uint ProcessLimit => IsX64 ? 302U : 261U;

    private static nint Seccomp => IsX64 ? 317 : 277;

    /// <summary>Puts the filter on all threads, for good.</summary>
    /// <returns>False where the host has none.</returns>
    public static bool Apply()
    {
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return false;
        }

        Instruction[] instructions = [.. Program((uint)Environment.ProcessId)];
        fixed (Instruction* first = instructions)
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, First = first };
            return Posix.Call(Seccomp, SetModeFilter, AllThreads, (nint)(&program), 0, 0) == 0;
        }
    }

    private static IEnumerable<Instruction> Program(uint processId)
    {
        yield return new Instruction(LoadWord, 0, 0, ArchitectureOffset);
        yield return new Instruction(JumpIfEqual, 1, 0, IsX64 ? ArchitectureX64 : ArchitectureArm64);
        yield return new Instruction(Return, 0, 0, Refuse);
        yield return new Instruction(LoadWord, 0, 0, NumberOffset);
        foreach ((_, int x64, int arm64) in Allowed)
        {
            int number = IsX64 ? x64 : arm64;
            if (number >= 0)
            {
                yield return new Instruction(JumpIfEqual, 0, 1, (uint)number);
                yield return new Instruction(Return, 0, 0, Allow);
            }
        }

        // The C library falls back to clone, whose flags a filter can see.
        yield return new Instruction(JumpIfEqual, 0, 1, Clone3);
        yield return new Instruction(Return, 0, 0, NotThere);
        foreach (Instruction instruction in (Instruction[])
            [
                // Threads and no process; signals to itself and to no other; names for threads and memory; its own
                // processors and limits.
                .. If(Clone, new Instruction(JumpIfAnyBit, 0, 1, CloneThread)),
                .. If(SignalThread, new Instruction(JumpIfEqual, 0, 1, processId)),
                .. If(ProcessControl, new Instruction(JumpIfEqual, 0, 1, SetName)),
                .. If(ProcessControl, new Instruction(JumpIfEqual, 0, 1, SetMemoryName)),
                .. If(SetAffinity, new Instruction(JumpIfEqual, 0, 1, 0)),
                .. If(ProcessLimit, new Instruction(JumpIfEqual, 0, 1, 0)),
            ])
        {
            yield return instruction;
        }

        yield return new Instruction(Return, 0, 0, Refuse);
    }

    // Allows one call when its first argument passes a test; goes on otherwise, with the number loaded again.
    private static Instruction[] If(uint number, Instruction test) =>
    [
        new(JumpIfEqual, 0, 4, number),
        new(LoadWord, 0, 0, FirstArgumentOffset),
        test,
        new(Return, 0, 0, Allow),
        new(LoadWord, 0, 0, NumberOffset),
    ];

    // struct sock_filter: what to do, how far to jump when a test is true and when it is not, and with what.
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    // struct sock_fprog.
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* First;
    }
}
