using System.Collections;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace HashMatch.Cli.Serving;

/// <summary>What the base class library has no call for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Posix
{
    private const int Sigterm = 15;

    /// <summary>
    /// Replaces this process by another program: same process id, environment, directory and standard streams, so that
    /// signals reach it. Descriptors of this program are closed, as .NET opens them with O_CLOEXEC.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    /// <exception cref="FailureException">It cannot be run.</exception>
    public static void Replace(string path, IReadOnlyList<string> arguments)
    {
        List<string?> environment = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment.Add($"{variable.Key}={variable.Value}");
        }

        // Returns only when it failed.
        _ = Execve(path, [path, .. arguments, null], [.. environment, null]);
        throw new FailureException(new Failure(
            "SERVER_NOT_STARTED", $"'{path}' cannot be run: {Marshal.GetLastPInvokeErrorMessage()}."));
    }

    /// <summary>Asks a process to end; nothing happens when it has ended.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, Sigterm);

    /// <summary>Whether a process is there.</summary>
    public static bool IsAlive(int processId) => Kill(processId, 0) == 0;

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execve(string path, string?[] arguments, string?[] environment);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
