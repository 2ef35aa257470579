namespace HashMatch.DecodeWorker;

/// <summary>
/// Ends this process when its parent has ended, in whatever way: the pipe of requests is closed then.
/// </summary>
internal static unsafe class ParentWatch
{
    private const int StackBytes = 256 * 1024;

    /// <summary>Watches from now on, in the kernel, so that no decode holds it up.</summary>
    public static void Start()
    {
        if (OperatingSystem.IsLinux())
        {
            new Thread(Watch, StackBytes) { IsBackground = true, Name = "Parent watch" }.Start();
        }
    }

    private static void Watch()
    {
        var requests = new Posix.PollDescriptor { Descriptor = 0 };
        while ((requests.Returned & Posix.HangUp) == 0)
        {
            _ = Posix.Poll(&requests, 1, -1);
        }

        Posix.Exit(0);
    }
}
