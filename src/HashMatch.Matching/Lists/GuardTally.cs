using System.Globalization;

namespace HashMatch.Matching.Lists;

/// <summary>Entries that were let past a guard because somebody said so; a list's change log tells of them.</summary>
internal sealed class GuardTally
{
    /// <summary>Entries whose value shows nothing.</summary>
    public long Unstructured { get; set; }

    /// <summary>Entries that match a canary.</summary>
    public long Canaries { get; set; }

    /// <summary>Whether there may be canaries that could not be read.</summary>
    public bool CanariesUnread { get; set; }

    /// <summary>A change's line: the verb, and which guards were passed by how many entries.</summary>
    public string Line(string verb)
    {
        List<string> passed = [];
        if (Unstructured > 0)
        {
            passed.Add(string.Create(CultureInfo.InvariantCulture, $"low structure: {Unstructured}"));
        }

        if (Canaries > 0)
        {
            passed.Add(string.Create(CultureInfo.InvariantCulture, $"canaries: {Canaries}"));
        }

        if (CanariesUnread)
        {
            passed.Add("canaries that could not be read");
        }

        return passed.Count == 0 ? verb : $"{verb}, forced past {string.Join(", ", passed)}";
    }
}
