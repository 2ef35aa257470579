using System.Globalization;

namespace HashMatch.Server.Admission;

/// <summary>Until when a caller waits.</summary>
/// <param name="At">By <see cref="WorkOrder.Clock"/>.</param>
internal sealed record CallDeadline(TimeSpan At)
{
    // Digits of a timeout, by gRPC's specification; and longer than any call that is not for ever.
    private const int MostDigits = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The time that a call's headers leave; null where they do not say.</summary>
    public static TimeSpan? Read(IHeaderDictionary headers)
    {
        string text = headers["grpc-timeout"].ToString();
        if (text.Length is < 2 or > MostDigits + 1
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture,
                out long count))
        {
            return null;
        }

        TimeSpan? unit = text[^1] switch
        {
            'H' => TimeSpan.FromHours(1),
            'M' => TimeSpan.FromMinutes(1),
            'S' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMilliseconds(1),
            'u' => TimeSpan.FromMicroseconds(1),
            'n' => TimeSpan.FromTicks(1),
            _ => null,
        };
        // A tick is 100 nanoseconds.
        double left = unit is { } one ? one.TotalSeconds * count / (text[^1] == 'n' ? 100 : 1) : double.MaxValue;
        return left < Longest.TotalSeconds ? TimeSpan.FromSeconds(left) : null;
    }
}
