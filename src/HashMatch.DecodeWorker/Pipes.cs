using Microsoft.Win32.SafeHandles;

namespace HashMatch.DecodeWorker;

/// <summary>The pipes that a worker is spoken to through.</summary>
internal static class Pipes
{
    /// <summary>
    /// Takes the standard streams for requests and replies. What a library writes to a console, perhaps out of an
    /// upload, goes nowhere.
    /// </summary>
    public static (Stream Requests, Stream Replies) Take()
    {
        if (!OperatingSystem.IsLinux())
        {
            (Stream input, Stream output) = (Console.OpenStandardInput(), Console.OpenStandardOutput());
            Console.SetOut(TextWriter.Null);
            Console.SetError(TextWriter.Null);
            return (input, output);
        }

        // Out of the parent's session: an interrupt from its terminal is the parent's to handle.
        _ = Posix.SetSession();
        int replies = Posix.Duplicate(1);
        using (SafeFileHandle nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write))
        {
            _ = Posix.Duplicate((int)nowhere.DangerousGetHandle(), 1);
            _ = Posix.Duplicate((int)nowhere.DangerousGetHandle(), 2);
        }

        return (Open(0, FileAccess.Read), Open(replies, FileAccess.Write));
    }

    private static FileStream Open(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: true), access, bufferSize: 0);
}
