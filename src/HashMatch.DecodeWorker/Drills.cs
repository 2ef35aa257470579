using System.Buffers.Binary;
using System.Runtime.InteropServices;
using HashMatch.Imaging.Workers;

namespace HashMatch.DecodeWorker;

/// <summary>Faults on order, and attempts at what a confined process must not do.</summary>
internal static unsafe class Drills
{
    private const int CurrentFolder = -100;
    private const int Write = 1;
    private const int Create = 0x40;

    private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Does one; returns the answer where there is one.</summary>
    public static byte[] Run(WorkerDrill drill, Stream replies)
    {
        switch (drill)
        {
            case WorkerDrill.Hang:
                Thread.Sleep(Timeout.Infinite);
                break;
            case WorkerDrill.Crash:
                NativeMemory.Free((void*)8);
                break;
            case WorkerDrill.Allocate:
                Allocate();
                break;
            case WorkerDrill.Garbage:
                replies.Write("HTTP/1.1 200 OK\r\n\r\n"u8);
                Thread.Sleep(Timeout.Infinite);
                break;
            case WorkerDrill.Probe:
                return Probe();
        }

        return "nonsense"u8.ToArray();
    }

    private static void Allocate()
    {
        const nuint step = 1024 * 1024;
        while (NativeMemory.Alloc(step) is var block && block is not null)
        {
            NativeMemory.Fill(block, step, 1);
        }
    }

    // Error numbers in the order of the names in the tests; 0 where the attempt succeeded.
    private static byte[] Probe()
    {
        fixed (byte* path = "/tmp/hashmatch-probe\0"u8)
        fixed (byte* shell = "/bin/sh\0"u8)
        fixed (byte* readable = "/etc/passwd\0"u8)
        {
            int parent = (int)Posix.Call(IsX64 ? 110 : 173, 0, 0, 0, 0, 0);
            nint[] call = [(nint)path, (nint)shell, (nint)readable];
            int[] errors =
            [
                Attempt(IsX64 ? 257 : 56, CurrentFolder, call[0], Write | Create, 0x180),
                Attempt(IsX64 ? 257 : 56, CurrentFolder, call[2], 0, 0),
                Attempt(IsX64 ? 41 : 198, 2, 1, 0, 0),
                Attempt(IsX64 ? 41 : 198, 1, 1, 0, 0),
                Attempt(IsX64 ? 59 : 221, call[1], 0, 0, 0),
                Attempt(IsX64 ? 56 : 220, 17, 0, 0, 0),
                Attempt(435, 0, 0, 0, 0),
                Attempt(IsX64 ? 62 : 129, parent, 0, 0, 0),
                Attempt(IsX64 ? 234 : 131, parent, parent, 0, 0),
                Attempt(IsX64 ? 101 : 117, 0x4206, parent, 0, 0),
                Attempt(IsX64 ? 310 : 270, parent, 0, 0, 0),
                Attempt(IsX64 ? 263 : 35, CurrentFolder, call[0], 0, 0),
                Attempt(IsX64 ? 258 : 34, CurrentFolder, call[0], 0x1C0, 0),
                Attempt(IsX64 ? 319 : 279, call[0], 0, 0, 0),
                Attempt(425, 4, 0, 0, 0),
                Attempt(IsX64 ? 321 : 280, 0, 0, 0, 0),
                Attempt(IsX64 ? 105 : 146, 0, 0, 0, 0),
                Attempt(IsX64 ? 157 : 167, Posix.SetDumpable, 1, 0, 0),
            ];
            byte[] answer = new byte[4 * errors.Length];
            for (int i = 0; i < errors.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(4 * i), errors[i]);
            }

            return answer;
        }
    }

    private static int Attempt(nint number, nint first, nint second, nint third, nint fourth) =>
        Posix.Call(number, first, second, third, fourth, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
}
