using System.Globalization;

namespace HashMatch.Matching.Index;

/// <summary>An index would need more memory than the machine, or the container's limit, has left.</summary>
public sealed class IndexTooLargeException(long neededBytes, long availableBytes)
    : Exception(string.Create(
        CultureInfo.InvariantCulture,
        $"The index needs {neededBytes:N0} more bytes of memory, and {availableBytes:N0} are available."))
{
    /// <summary>What building would take beside what is already held.</summary>
    public long NeededBytes { get; } = neededBytes;

    /// <summary>What was left when building was refused.</summary>
    public long AvailableBytes { get; } = availableBytes;
}
