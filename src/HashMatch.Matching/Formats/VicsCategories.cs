using System.Buffers;

namespace HashMatch.Matching.Formats;

/// <summary>
/// What the categories of a VICS file mean: that depends on the region, which the file does not name.
/// </summary>
/// <param name="scheme">Such as VIC_US or CAID_UK; empty when nobody says.</param>
internal sealed class VicsCategories(string scheme)
{
    /// <summary>Characters of a scheme's name.</summary>
    public const int MaxSchemeLength = 32;

    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly string _scheme = scheme.ToUpperInvariant();

    /// <summary>Whether a scheme has a name that can stand in a classification.</summary>
    public static bool IsName(string scheme) =>
        scheme.Length is > 0 and <= MaxSchemeLength && !scheme.AsSpan().ContainsAnyExcept(SchemeCharacters);

    /// <summary>An entry's classification.</summary>
    public string Label(string category)
    {
        string number = category.Length == 0 ? "none" : category;
        string label = _scheme.Length == 0 ? $"category {number}" : $"{_scheme} {number}";
        return Meaning(category) is { } meaning ? $"{label}: {meaning}" : label;
    }

    /// <summary>
    /// Whether a category is known to be of pictures that show no abuse: not looked at, for comparison, of no concern.
    /// </summary>
    public bool IsNoAbuse(string category) => _scheme == "VIC_US" && (category is "" or "0" or "4" or "5");

    /// <summary>What is wrong with a category when its meaning depends on it; null when nothing is.</summary>
    public string? Problem(string category) =>
        _scheme.Length > 0 && category.AsSpan().ContainsAnyExceptInRange('0', '9')
            ? $"Category is no number, so {_scheme} gives it no meaning"
            : null;

    private string? Meaning(string category) => (_scheme, category) switch
    {
        ("VIC_US", "0") => "uncategorized",
        ("VIC_US", "1") => "child abuse material",
        ("VIC_US", "2") => "child exploitive, age difficult",
        ("VIC_US", "3") => "CGI, animation",
        ("VIC_US", "4") => "comparison",
        ("VIC_US", "5") => "non-pertinent",
        ("CAID_UK", "1") => "category A",
        ("CAID_UK", "2") => "category B",
        ("CAID_UK", "3") => "category C",
        _ => null,
    };
}
