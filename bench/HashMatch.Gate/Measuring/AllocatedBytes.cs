using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Measuring;

/// <summary>Managed bytes of an operation in steady state.</summary>
internal static class AllocatedBytes
{
    private const int WarmUp = 64;
    private const int Batch = 256;
    private const int Tries = 8;

    // What a call allocates depends on how its bytes come in, which is the other threads' and the kernel's affair: the
    // least of many calls is what the code makes of it.
    private const int ServedBatch = 2;
    private const int ServedTries = 400;

    /// <summary>
    /// The mean of a batch, and of some batches the least: a collection may have dropped pooled buffers in the others.
    /// </summary>
    public static double Measure(GateCase done)
    {
        (int batch, int tries) = done.IsOnOneThread ? (Batch, Tries) : (ServedBatch, ServedTries);
        Repeat(done, WarmUp);
        long least = long.MaxValue;
        for (int i = 0; i < tries; i++)
        {
            long start = Read(done);
            Repeat(done, batch);
            least = Math.Min(least, Read(done) - start);
        }

        return (double)least / batch;
    }

    private static long Read(GateCase done) => done.IsOnOneThread
        ? GC.GetAllocatedBytesForCurrentThread()
        : GC.GetTotalAllocatedBytes(precise: true);

    private static void Repeat(GateCase done, int times)
    {
        for (int i = 0; i < times; i++)
        {
            done.Run();
        }
    }
}
