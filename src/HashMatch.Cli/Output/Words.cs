using System.Globalization;
using System.Text;
using HashMatch.Matching;

namespace HashMatch.Cli.Output;

/// <summary>Enum members as the protos spell them, without the prefix.</summary>
internal static class Words
{
    /// <summary>UPPER_SNAKE: NoKnownMatch is NO_KNOWN_MATCH, Rotated90 is ROTATED_90.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        var text = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            bool begins = char.IsAsciiLetterUpper(name[i])
                || (char.IsAsciiDigit(name[i]) && i > 0 && !char.IsAsciiDigit(name[i - 1]));
            if (begins && i > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>Which frame and rendition, in brackets behind a blank; empty for the whole of the first.</summary>
    public static string Behind(int frame, bool isWhole, string rendition) => (frame, isWhole) switch
    {
        (0, true) => "",
        (0, false) => $" ({rendition})",
        (_, true) => string.Create(CultureInfo.InvariantCulture, $" (FRAME {frame})"),
        _ => string.Create(CultureInfo.InvariantCulture, $" (FRAME {frame}, {rendition})"),
    };

    /// <summary>As list files and the protos name it: SHA256 has no underscore.</summary>
    public static string Of(HashType type) => type.ToString().ToUpperInvariant();
}
