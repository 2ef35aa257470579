using System.Buffers;
using System.Globalization;
using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>Reads the fields of an entry from text, and says what is wrong with them.</summary>
public static class EntryText
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly string[] TimeForms =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Reads a value.</summary>
    /// <param name="type">What it is of.</param>
    /// <param name="text">Hex digits of either case.</param>
    /// <param name="value">The value.</param>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public static string? ReadValue(HashType type, ReadOnlySpan<char> text, out HashValue value)
    {
        if (HashValue.TryParse(type, text, out value))
        {
            return null;
        }

        int bad = text.IndexOfAnyExcept(HexDigits);
        if (bad >= 0)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"value has {Shown(text[bad..])} at position {bad + 1}, which is no hex digit");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"value has {text.Length} hex digits; {TypeNames.Of(type)} has {HashValue.ByteCount(type) * 2}");
    }

    /// <summary>
    /// Reads a time: an ISO 8601 date or date with time (UTC when it names no offset; a date alone is its first
    /// moment), or unix seconds.
    /// </summary>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public static string? ReadTime(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, Utc, out time))
        {
            time = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return null;
        }

        return "expires_at is neither an ISO 8601 date or time, such as 2027-01-31 or 2027-01-31T12:00:00Z, nor unix "
            + "seconds";
    }

    /// <summary>The first character of a text, so that a person sees which one it is.</summary>
    private static string Shown(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out _);
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune)
            ? string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}")
            : $"'{rune}'";
    }
}
