namespace HashMatch.Server.Admission;

/// <summary>So much a second, of bytes or anything else; what the last second did not use may be used in the next. Safe
/// for concurrent use.</summary>
internal sealed class TokenRate(long perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _left = perSecond;
    private TimeSpan _at = WorkOrder.Clock(time);

    /// <summary>Takes some when there is any left: the last take may go over, and is paid off by those to come.
    /// </summary>
    public bool TryTake(long count)
    {
        lock (_gate)
        {
            TimeSpan now = WorkOrder.Clock(time);
            _left = Math.Min(perSecond, _left + ((now - _at).TotalSeconds * perSecond));
            _at = now;
            if (_left <= 0)
            {
                return false;
            }

            _left -= count;
            return true;
        }
    }
}
