using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace HashMatch.Gate.Measuring;

/// <summary>
/// Requests to the valgrind that this process runs in, by valgrind.h: a sequence of instructions that does nothing
/// outside it. The code is put together here since no compiled library of this project could hold it. x64 alone.
/// </summary>
internal sealed unsafe partial class Callgrind
{
    private const ulong Base = ((ulong)'C' << 24) | ((ulong)'T' << 16);
    private const ulong ZeroStats = Base + 1;
    private const ulong DumpStatsAt = Base + 3;
    private const ulong StartInstrumentation = Base + 4;

    private const int ReadWriteExecute = 7;
    private const int PrivateAnonymous = 0x22;
    private const int CodeBytes = 4096;

    // mov rax, rdi; xor edx, edx; the mark: rol rdi by 3, 13, 61 and 51, which add up to two turns; xchg rbx, rbx;
    // mov rax, rdx; ret
    private static readonly byte[] Code =
    [
        0x48, 0x89, 0xF8, 0x31, 0xD2, 0x48, 0xC1, 0xC7, 0x03, 0x48, 0xC1, 0xC7, 0x0D, 0x48, 0xC1, 0xC7, 0x3D, 0x48,
        0xC1, 0xC7, 0x33, 0x48, 0x87, 0xDB, 0x48, 0x89, 0xD0, 0xC3,
    ];

    private readonly delegate* unmanaged<ulong*, ulong> _ask;

    private Callgrind(delegate* unmanaged<ulong*, ulong> ask) => _ask = ask;

    /// <exception cref="PlatformNotSupportedException">The processor is another one.</exception>
    public static Callgrind Open()
    {
        if (!OperatingSystem.IsLinux() || !X86Base.X64.IsSupported)
        {
            throw new PlatformNotSupportedException("Instructions are counted on Linux on x64.");
        }

        nint memory = Map(0, CodeBytes, ReadWriteExecute, PrivateAnonymous, -1, 0);
        if (memory == -1)
        {
            throw new PlatformNotSupportedException("No memory can be made executable.");
        }

        Code.CopyTo(new Span<byte>((void*)memory, Code.Length));
        return new Callgrind((delegate* unmanaged<ulong*, ulong>)memory);
    }

    /// <summary>Counting begins; until then the process runs many times faster.</summary>
    public void Start() => Ask(StartInstrumentation, null);

    /// <summary>Forgets what was counted.</summary>
    public void Zero() => Ask(ZeroStats, null);

    /// <summary>Writes what was counted to a file that carries this name, and forgets it.</summary>
    public void Dump(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            Ask(DumpStatsAt, text);
        }
    }

    private void Ask(ulong request, byte* argument)
    {
        ulong* words = stackalloc ulong[6];
        new Span<ulong>(words, 6).Clear();
        words[0] = request;
        words[1] = (ulong)argument;
        _ = _ask(words);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);
}
