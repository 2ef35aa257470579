using System.Globalization;
using System.Text;

namespace HashMatch.Cli.Output;

/// <summary>Text from outside, made safe to show: nothing of it can steer a terminal or reorder a line.</summary>
internal static class PlainText
{
    /// <summary>Shows what is not printable as an escape, such as \n or \u001b; the rest stays as it is.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        StringBuilder? safe = null;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A lone surrogate is enumerated as U+FFFD and takes one char of the text.
            bool lone = rune == Rune.ReplacementChar && text[position] != '\uFFFD';
            int length = lone ? 1 : rune.Utf16SequenceLength;
            if (lone || !IsPrintable(rune))
            {
                safe ??= new StringBuilder(text.Length + 16).Append(text, 0, position);
                AppendEscape(safe, lone ? text[position] : rune.Value);
            }
            else
            {
                safe?.Append(text, position, length);
            }

            position += length;
        }

        return safe?.ToString() ?? text;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned => false,

        // Joiners shape letters and emoji; other format characters reorder or hide text.
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        _ => true,
    };

    private static void AppendEscape(StringBuilder text, int value) => _ = value switch
    {
        '\n' => text.Append("\\n"),
        '\r' => text.Append("\\r"),
        '\t' => text.Append("\\t"),
        <= 0xFFFF => text.Append(CultureInfo.InvariantCulture, $"\\u{value:x4}"),
        _ => text.Append(CultureInfo.InvariantCulture, $"\\U{value:x8}"),
    };
}
