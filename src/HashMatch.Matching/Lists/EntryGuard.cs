using System.Globalization;
using System.Text;
using HashMatch.Pdq;

namespace HashMatch.Matching.Lists;

/// <summary>
/// What every entry must pass, wherever it comes from: limits of its labels, and no value that would match pictures or
/// files that show nothing.
/// </summary>
public static class EntryGuard
{
    /// <summary>Fewest bits that a PDQ hash of a picture with structure has set; most is 256 less this.</summary>
    public const int MinPopCount = 64;

    /// <summary>A hash within this distance of a constant picture's is refused.</summary>
    public const int BlankDistance = 31;

    private static readonly HashValue EmptyMd5 = Value(HashType.Md5, "d41d8cd98f00b204e9800998ecf8427e");
    private static readonly HashValue EmptySha1 = Value(HashType.Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");

    private static readonly HashValue EmptySha256 = Value(
        HashType.Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    // Constant pictures hash to the rounding noise of their DCT. Those of whole greys are computed; these the C++
    // reference gives for colours, whose luma is no whole number.
    private static readonly string[] BlankColours =
    [
        "00002c4b0000113411341134000000001134554b8200113411342c4b1134cc53",
        "00002c4b000011342c4b1134000000002c4b554b8200113411342c4b1134cc53",
        "0000ffff0000ffff113400000000ffff00000000ffff00000000ffff0000ffff",
        "ffffffff2c4b11341134000000001134ffff1134000082002c4b11340000585e",
        "00002c4b2c4b0000000011342c4b1134000007d01134554b2c4b820011348200",
    ];

    private static readonly Lazy<PdqHash[]> Blank = new(ComputeBlank);

    /// <summary>Why an entry is refused, for a person; null when it is not.</summary>
    public static string? Problem(HashEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return ValueProblem(entry) ?? FormProblem(entry);
    }

    /// <summary>Why an entry is refused for what it would match; null when it is not.</summary>
    internal static string? ValueProblem(HashEntry entry) => Problem(entry.Type, entry.Value);

    /// <summary>Why an entry cannot be stored at all; null when it can.</summary>
    internal static string? FormProblem(HashEntry entry)
    {
        return (Enum.IsDefined(entry.Type) ? null : $"type must be {TypeNames.All}")
            ?? TextProblem("external_id", entry.ExternalId, HashEntry.MaxExternalIdBytes)
            ?? TextProblem("classification", entry.Classification, HashEntry.MaxClassificationBytes)
            ?? TextProblem("severity", entry.Severity, HashEntry.MaxSeverityBytes)
            ?? TextProblem("note", entry.Note, HashEntry.MaxNoteBytes);
    }

    /// <summary>Why a text is refused, naming its field; null when it is not.</summary>
    /// <param name="field">Its name.</param>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">In UTF-8.</param>
    internal static string? TextProblem(string field, string text, int maxBytes)
    {
        if (text is null)
        {
            return $"{field} is missing";
        }

        if (text.Length > maxBytes || Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{field} is over {maxBytes} bytes");
        }

        return text.Contains('\0') ? $"{field} holds a NUL character"
            : !IsWellFormed(text) ? $"{field} is not valid Unicode"
            : null;
    }

    private static string? Problem(HashType type, HashValue value) => type switch
    {
        HashType.Pdq => PdqProblem(value),
        HashType.Md5 => DigestProblem(value, EmptyMd5),
        HashType.Sha1 => DigestProblem(value, EmptySha1),
        HashType.Sha256 => DigestProblem(value, EmptySha256),
        _ => null,
    };

    private static string? PdqProblem(HashValue value)
    {
        int popCount = value.ToPdq().PopCount;
        switch (popCount)
        {
            case 0:
                return "the hash is all zeros: it would match blank pictures";
            case PdqHash.BitCount:
                return "the hash is all ones: it would match blank pictures";
            case < MinPopCount or > PdqHash.BitCount - MinPopCount:
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"the hash has {popCount} of 256 bits set: a picture with structure has about 128");
        }

        PdqHash hash = value.ToPdq();
        return Array.Exists(Blank.Value, blank => blank.Distance(hash) <= BlankDistance)
            ? "the hash is that of a picture of one colour: it would match blank pictures"
            : null;
    }

    private static string? DigestProblem(HashValue value, HashValue empty) =>
        value == default ? "the digest is all zeros"
        : value == empty ? "the digest is that of an empty file"
        : null;

    // The DCT is linear: a constant picture's size changes nothing but the scale of the noise.
    private static PdqHash[] ComputeBlank()
    {
        const int Side = 16;
        HashSet<PdqHash> blank = [.. BlankColours.Select(hex => Value(HashType.Pdq, hex).ToPdq())];
        using Luma luma = Luma.Allocate(Side, Side);
        for (int grey = 0; grey <= byte.MaxValue; grey++)
        {
            luma.Pixels.Fill(grey);
            blank.Add(PdqHasher.Hash(luma, PdqFidelity.Reference).Hash);
        }

        return [.. blank];
    }

    private static bool IsWellFormed(string text)
    {
        if (Ascii.IsValid(text))
        {
            return true;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static HashValue Value(HashType type, string hex) =>
        HashValue.TryParse(type, hex, out HashValue value)
            ? value
            : throw new ArgumentException("Not a value of this type.", nameof(hex));
}
