namespace HashMatch.Load.Drive;

/// <summary>What is measured in one turn: a mix of calls.</summary>
/// <param name="Name">As it was written, with what was left out.</param>
/// <param name="Parts">One at least.</param>
internal sealed record LoadCase(string Name, IReadOnlyList<CasePart> Parts)
{
    /// <summary>What a call counts for: the hashes of a batch where every call is one, 1 otherwise.</summary>
    public int ItemsOfCall => Parts is [{ Hashes: > 0 and int hashes }] ? hashes : 1;

    /// <summary>What is counted.</summary>
    public string Unit => ItemsOfCall > 1 ? "hashes" : Parts is [{ Format: not null }] ? "uploads" : "calls";

    /// <summary>Pixels of a picture, where every call is one of the same size.</summary>
    public long? Pixels => Parts is [{ Format: not null } part] ? (long)part.Width * part.Height : null;

    /// <summary>Reads parts by comma.</summary>
    /// <exception cref="FormatException">A part is none; the message says what was expected.</exception>
    public static LoadCase Parse(string text)
    {
        CasePart[] parts = [.. text.Split(',').Select(CasePart.Parse)];
        return new LoadCase(
            parts.Length == 1
                ? parts[0].Name
                : string.Join(',', parts.Select(part => FormattableString.Invariant($"{part.Name}={part.Weight}"))),
            parts);
    }
}
