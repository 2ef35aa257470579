using System.Runtime.InteropServices;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Memory;

/// <summary>Keeps this process's memory to itself, for good.</summary>
internal static unsafe partial class ProcessSecrecy
{
    private const int SetDumpable = 4;
    private const int CoreLimit = 4;

    /// <summary>Whether the runtime listens for tools that read its memory.</summary>
    public static bool HasDiagnostics => Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") is not "0"
        && Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics_IPC") is not "0";

    /// <summary>No core, no mini-dump, no reading by other processes of the same user.</summary>
    /// <exception cref="ConfigurationException">The environment asks for dumps.</exception>
    public static void Apply()
    {
        foreach (string name in (string[])["DOTNET_DbgEnableMiniDump", "COMPlus_DbgEnableMiniDump"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && value.Trim('0').Length > 0)
            {
                throw new ConfigurationException($"{name} is set: a dump would hold uploads; unset it");
            }
        }

        if (OperatingSystem.IsLinux())
        {
            Limit none = default;
            _ = SetLimit(CoreLimit, &none);
            _ = ProcessControl(SetDumpable, 0, 0, 0, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ProcessControl(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, Limit* limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
