using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace HashMatch.Imaging.Workers;

/// <summary>
/// How a worker is started: HashMatch.DecodeWorker beside this assembly, by the `dotnet` that runs this process.
/// </summary>
internal static class WorkerProgram
{
    /// <summary>The worker's assembly.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "HashMatch.DecodeWorker.dll");

    // The one that runs this process, or that would; null when there is none.
    private static readonly string? Dotnet = FindDotnet();

    /// <summary>What a worker is started with; null where it cannot be.</summary>
    /// <param name="shared">Where its bytes come.</param>
    /// <param name="maxBytes">Memory that it may have in use.</param>
    public static ProcessStartInfo? Start(SharedBytes? shared, long maxBytes)
    {
        if (Dotnet is null || !File.Exists(Assembly))
        {
            return null;
        }

        var start = new ProcessStartInfo(Dotnet)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetPathRoot(AppContext.BaseDirectory),
        };
        start.ArgumentList.Add(Assembly);
        start.ArgumentList.Add(maxBytes.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(shared?.Path ?? "");
        start.ArgumentList.Add((shared?.Capacity ?? 0).ToString(CultureInfo.InvariantCulture));
        SetEnvironment(start.Environment);
        return start;
    }

    // The service's environment may hold passwords: a worker gets what finds and tunes the runtime, and no more.
    private static void SetEnvironment(IDictionary<string, string?> environment)
    {
        environment.Clear();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase)
                || name is "PATH" or "LD_LIBRARY_PATH" or "SystemRoot" or "windir")
            {
                environment[name] = (string?)variable.Value;
            }
        }

        _ = environment.Remove("DOTNET_STARTUP_HOOKS");
        // A confined worker may write no file, and would not start.
        _ = environment.Remove("DOTNET_PerfMapEnabled");
        environment["DOTNET_EnableDiagnostics"] = "0";
        // What the C library's free() gets is overwritten at once, and nothing is put aside unseen: libvips and its
        // loaders zero none of their buffers.
        environment["GLIBC_TUNABLES"] = "glibc.malloc.perturb=255:glibc.malloc.tcache_count=0";
        environment["DOTNET_TieredPGO"] = "0";
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";
    }

    private static string? FindDotnet()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.ProcessPath is { } process && Path.GetFileName(process) == name)
        {
            return process;
        }

        // ROOT/shared/Microsoft.NETCore.App/VERSION/ is what runs this process, started by a host of its own.
        string[] folders =
        [
            Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
            Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "",
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
        ];
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}
