using System.Diagnostics;
using System.Globalization;

namespace HashMatch.Benchmarks.Paired;

/// <summary>
/// The memory of one decode and hash above that of a process that has done a smaller one, in a process of its own: the
/// peak of the resident pages, as Linux counts them.
/// </summary>
internal static class DecodeMemory
{
    /// <summary>The command that the other process is started with.</summary>
    public const string Command = "memory";

    /// <summary>A figure for the table.</summary>
    /// <param name="file">What is decoded.</param>
    /// <param name="first">What is decoded before, to have all code and pools in place.</param>
    public static string Measure(byte[] file, byte[] first)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "skipped: not on Linux";
        }

        string[] paths = [Path.GetTempFileName(), Path.GetTempFileName()];
        try
        {
            File.WriteAllBytes(paths[0], file);
            File.WriteAllBytes(paths[1], first);
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            string assembly = typeof(DecodeMemory).Assembly.Location;
            foreach (string argument in (string[])[assembly, "paired", Command, .. paths])
            {
                // Started as a program of its own rather than by dotnet, the process is the assembly.
                if (argument != assembly || Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
                {
                    start.ArgumentList.Add(argument);
                }
            }

            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : "skipped: the process failed";
        }
        finally
        {
            Array.ForEach(paths, File.Delete);
        }
    }

    /// <summary>What the other process does.</summary>
    public static int Run(string path, string firstPath)
    {
        using var file = new DecodeCase("file", File.ReadAllBytes(path));
        using (var first = new DecodeCase("first", File.ReadAllBytes(firstPath)))
        {
            for (int i = 0; i < 100; i++)
            {
                first.Hash();
            }
        }

        // The constructor has decoded it once; what that left is idle memory of the collector.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        File.WriteAllText("/proc/self/clear_refs", "5");
        long idle = Kilobytes("VmRSS:");
        for (int i = 0; i < 3; i++)
        {
            file.Hash();
        }

        double peak = Kilobytes("VmHWM:") - idle;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{peak / 1024:f2} MiB"));
        return 0;
    }

    private static long Kilobytes(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1],
        CultureInfo.InvariantCulture);
}
