namespace HashMatch.Server.Memory;

/// <summary>
/// How much of the transport's memory may lie in wide buffers. They take big uploads in with few calls of the system;
/// thousands of connections and streams that hold one each, and little in it, are to have pages. Safe for concurrent
/// use.
/// </summary>
/// <param name="mostBytes">Of all pools together.</param>
internal sealed class WideBuffers(long mostBytes)
{
    private long _bytes;

    /// <summary>Whether there may be another one.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= mostBytes)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    /// <summary>One is not needed any more.</summary>
    public void Give(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
