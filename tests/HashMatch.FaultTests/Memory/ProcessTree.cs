using System.Globalization;
using System.Runtime.InteropServices;

namespace HashMatch.FaultTests.Memory;

/// <summary>Processes and those that they started, as /proc has them.</summary>
internal static class ProcessTree
{
    private const int SigTerm = 15;

    /// <summary>A process and its children.</summary>
    public static int[] Of(int process) => [process, .. ChildrenOf(process)];

    public static int[] ChildrenOf(int process) =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out int id) && ParentOf(id) == process)
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)),
    ];

    /// <summary>SIGTERM.</summary>
    public static void Terminate(int process) => _ = SendSignal(process, SigTerm);

    private static int ParentOf(int process)
    {
        try
        {
            // Behind the name, which may hold anything: state, parent.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
