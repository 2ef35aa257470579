namespace HashMatch.Server.Admission;

/// <summary>So many bytes a second; what was not used of the last second may be used in the next. Safe for concurrent
/// use.</summary>
internal sealed class ByteRate(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _left = bytesPerSecond;
    private TimeSpan _at = WorkOrder.Clock(time);

    /// <summary>Takes bytes when there are any left: the last take may go over, and is paid off by those to come.
    /// </summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            TimeSpan now = WorkOrder.Clock(time);
            _left = Math.Min(bytesPerSecond, _left + ((now - _at).TotalSeconds * bytesPerSecond));
            _at = now;
            if (_left <= 0)
            {
                return false;
            }

            _left -= bytes;
            return true;
        }
    }
}
