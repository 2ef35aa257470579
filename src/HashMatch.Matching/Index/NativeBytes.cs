namespace HashMatch.Matching.Index;

/// <summary>Counts the native memory that parts hold, from when they are made until they are freed.</summary>
internal sealed class NativeBytes
{
    private long _held;

    public long Held => Interlocked.Read(ref _held);

    public void Add(long bytes) => Interlocked.Add(ref _held, bytes);
}
