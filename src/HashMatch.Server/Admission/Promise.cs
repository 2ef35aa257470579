namespace HashMatch.Server.Admission;

/// <summary>
/// Room in the line for an upload that was let in and is still being received, so that it is not refused when it is
/// there. It holds for a short while: a slow sender must not keep decodes idle.
/// </summary>
internal sealed class Promise
{
    /// <summary>Until when it holds, by the line's clock.</summary>
    public TimeSpan Until { get; init; }

    /// <summary>Its place among promises; null when it holds no more.</summary>
    public LinkedListNode<Promise>? Node { get; set; }
}
