using HashMatch.Proto.V1;

namespace HashMatch.Cli.Commands;

/// <summary>The nearest distances that events hold of one list: by verdict and by entry.</summary>
/// <param name="list">Its name.</param>
internal sealed class RecordedDistances(string list)
{
    private readonly Dictionary<string, int> _verdicts = [];
    private readonly Dictionary<string, int> _entries = [];
    private readonly HashSet<string> _digests = [];
    private readonly HashSet<string> _suppressed = [];

    /// <summary>Verdicts that a digest of the list matched in: those match at every threshold.</summary>
    public int Digests => _digests.Count;

    /// <summary>Verdicts that a negative list suppressed matches in, or would; these are not counted for it.</summary>
    public int Suppressed => _suppressed.Count;

    /// <summary>Takes an event of any list.</summary>
    public void Add(MatchEvent item)
    {
        if (item.Match?.List != list || item.Quarantined is not null)
        {
            return;
        }

        if (item.SuppressedBy is not null)
        {
            _suppressed.Add(item.VerdictId);
            return;
        }

        if (item.Match.Type != HashType.Pdq)
        {
            _digests.Add(item.VerdictId);
        }

        int distance = (int)item.Match.Distance;
        Keep(_verdicts, item.VerdictId, distance);
        if (item.Match.ExternalId.Length > 0)
        {
            Keep(_entries, item.Match.ExternalId, distance);
        }
    }

    /// <summary>Verdicts that would have matched at a threshold.</summary>
    public int VerdictsWithin(int threshold) => _verdicts.Values.Count(distance => distance <= threshold);

    /// <summary>External ids that would have matched at a threshold.</summary>
    public int EntriesWithin(int threshold) => _entries.Values.Count(distance => distance <= threshold);

    private static void Keep(Dictionary<string, int> nearest, string key, int distance) =>
        nearest[key] = nearest.TryGetValue(key, out int known) ? Math.Min(known, distance) : distance;
}
