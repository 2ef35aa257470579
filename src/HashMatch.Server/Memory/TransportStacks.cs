using HashMatch.Imaging;

namespace HashMatch.Server.Memory;

/// <summary>
/// Keeps the stacks of threads clean that copy between the transport's buffers. To collect, the runtime interrupts
/// threads by a signal, and the kernel puts their registers on their stacks: the bytes that were being copied.
/// </summary>
internal static class TransportStacks
{
    private static readonly IThreadPoolWorkItem AtTheBottom = new WorkItem();

    [ThreadStatic]
    private static int _seenCollections;

    /// <summary>Called on the thread that copied, when a buffer is given back.</summary>
    public static void Scrub()
    {
        int collections = GC.CollectionCount(0);
        if (collections == _seenCollections)
        {
            StackScrub.RunBehindCopy();
            return;
        }

        // Part of such a frame may lie under the frames that are in use here: the thread does it again without them.
        _seenCollections = collections;
        StackScrub.Run();
        ThreadPool.UnsafeQueueUserWorkItem(AtTheBottom, preferLocal: true);
    }

    private sealed class WorkItem : IThreadPoolWorkItem
    {
        public void Execute() => StackScrub.Run();
    }
}
