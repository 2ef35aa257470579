namespace HashMatch.DecodeWorker;

/// <summary>
/// Ends this process when its parent has ended, in whatever way: the pipe of requests is closed then, and the kernel
/// kills it, which a process that is stopped cannot do itself.
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

    /// <summary>Has the kernel kill this process with its parent. For the main thread, which lasts as long as the
    /// process, and behind whatever changes the user, which takes it back.</summary>
    public static void DieWithParent()
    {
        _ = Posix.ProcessControl(Posix.SetParentDeathSignal, Posix.Kill, 0, 0, 0);
        // A parent that ended before this sends no signal. Its pipes were closed before it could have.
        if (HasHungUp(timeoutMs: 0))
        {
            Posix.Exit(0);
        }
    }

    private static void Watch()
    {
        while (!HasHungUp(timeoutMs: -1))
        {
        }

        Posix.Exit(0);
    }

    private static bool HasHungUp(int timeoutMs)
    {
        var requests = new Posix.PollDescriptor { Descriptor = 0 };
        _ = Posix.Poll(&requests, 1, timeoutMs);
        return (requests.Returned & Posix.HangUp) != 0;
    }
}
