using System.Globalization;

namespace HashMatch.Matching.Auditing;

/// <summary>A place in the log, and all that stands up to it by one hash.</summary>
/// <param name="Sequence">The record's number, from 1; 0 before the first.</param>
/// <param name="Hash">Its hash, 64 lower-case hex digits; zeros before the first.</param>
public sealed record AuditHead(long Sequence, string Hash)
{
    /// <summary>The head of an empty log.</summary>
    public static AuditHead Empty { get; } = new(0, new string('0', 64));

    /// <summary>As a store keeps it: number, colon, hash.</summary>
    public override string ToString() =>
        Sequence == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Sequence}:{Hash}");

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is nothing of the kind.</summary>
    public static AuditHead? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Empty;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            && sequence > 0
            && IsHash(text[(colon + 1)..])
                ? new AuditHead(sequence, text[(colon + 1)..])
                : null;
    }

    /// <summary>Whether a text is 64 lower-case hex digits.</summary>
    internal static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
