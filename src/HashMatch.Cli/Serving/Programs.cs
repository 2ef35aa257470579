using System.Runtime.InteropServices;

namespace HashMatch.Cli.Serving;

/// <summary>Where the programs are that the tool starts: itself, and the server that is carried beside it.</summary>
internal static class Programs
{
    /// <summary>The server's assembly.</summary>
    public static string ServerAssembly { get; } = Path.Combine(AppContext.BaseDirectory, "HashMatch.Server.dll");

    /// <summary>The folder of the sample lists and pictures.</summary>
    public static string Hashsets { get; } = Path.Combine(AppContext.BaseDirectory, "hashsets");

    /// <summary>The `dotnet` that runs this process, or that would.</summary>
    /// <exception cref="FailureException">There is none.</exception>
    public static string Dotnet { get; } = FindDotnet();

    /// <summary>How to start this tool again.</summary>
    public static (string Path, string[] Arguments) Itself =>
        (Dotnet, [Path.Combine(AppContext.BaseDirectory, "hashmatch.dll")]);

    private static string FindDotnet()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.ProcessPath is { } process && Path.GetFileName(process) == name)
        {
            return process;
        }

        // ROOT/shared/Microsoft.NETCore.App/VERSION/ is what runs this process, started by the tool's own host.
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string[] folders =
        [
            root,
            Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "",
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
        ];
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists)
            ?? throw new FailureException(new Failure(
                "DOTNET_NOT_FOUND", "The `dotnet` program was not found.", "Put it on the PATH or set DOTNET_ROOT."));
    }
}
