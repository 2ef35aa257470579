using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace HashMatch.Imaging;

/// <summary>
/// Zeroes the part of a thread's stack that calls before it used: small buffers, spilled registers, and the registers
/// that a signal of the runtime saves there lie in it.
/// </summary>
public static class StackScrub
{
    // More than a decode and a digest take.
    private const int Bytes = 64 * 1024;

    // A copy, and the frame of a signal with the widest registers in the middle of it.
    private const int CopyBytes = 6 * 1024;

    /// <summary>Call it where what is deeper on this thread's stack is no longer in use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run()
    {
        Span<byte> below = stackalloc byte[Bytes];
        CryptographicOperations.ZeroMemory(below);
    }

    /// <summary>The same for no more than what a copy leaves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void RunBehindCopy()
    {
        Span<byte> below = stackalloc byte[CopyBytes];
        CryptographicOperations.ZeroMemory(below);
    }
}
