namespace HashMatch.Matching.Lists;

/// <summary>How a list document changes; pure, so that a lost race can try again.</summary>
internal static class ListTransitions
{
    /// <summary>Activations that a list remembers.</summary>
    public const int MaxActivations = 100;

    /// <summary>Edited versions, beside the active one, that a list keeps.</summary>
    public const int KeptEdits = 20;

    // Edits are pruned in batches, because every pruning reads the manifests of what stays.
    private const int EditsBeforePruning = 2 * KeptEdits;

    public static ListVersion? Find(this HashList list, long number) =>
        list.Versions.FirstOrDefault(v => v.Number == number);

    /// <summary>Adds a staged version.</summary>
    public static HashList Stage(this HashList list, ListVersion version) => list with
    {
        Versions = [version with { Number = list.NextVersion, State = VersionState.Staged }, .. list.Versions],
        NextVersion = list.NextVersion + 1,
    };

    /// <summary>Makes a version active; the one before is retired.</summary>
    public static HashList Activate(this HashList list, long number, DateTimeOffset now) => list.Switch(
        number, now, [.. list.Activations.Append(number).TakeLast(MaxActivations)]);

    /// <summary>The version that a roll-back without a number goes to; 0 when there is none.</summary>
    public static long BeforeActive(this HashList list) =>
        list.Activations.Count > 1 ? list.Activations[^2] : 0;

    /// <summary>Goes back to the version that was active before.</summary>
    public static HashList Pop(this HashList list, DateTimeOffset now) => list.Switch(
        list.BeforeActive(), now, [.. list.Activations.SkipLast(1)]);

    /// <summary>Takes a version out of the running, its approval with it unless it was active once.</summary>
    public static HashList Retire(this HashList list, long number) => list with
    {
        Versions =
        [
            .. list.Versions.Select(v => v.Number != number ? v
                : v.ActivatedAt is not null ? v with { State = VersionState.Retired }
                : v with { State = VersionState.Retired, ApprovedBy = null, ApprovedAt = null }),
        ],
    };

    public static HashList Remove(this HashList list, IReadOnlyCollection<long> numbers) => list with
    {
        Versions = [.. list.Versions.Where(v => !numbers.Contains(v.Number))],
        Activations = Collapse(list.Activations.Where(n => !numbers.Contains(n))),
    };

    /// <summary>Edited versions that are over what is kept.</summary>
    public static IReadOnlyCollection<long> SurplusEdits(this HashList list)
    {
        List<long> edits = [.. list.Versions
            .Where(v => v.IsEdit && v.Number != list.ActiveVersion)
            .Select(v => v.Number)
            .OrderDescending()];
        return edits.Count > EditsBeforePruning ? edits[KeptEdits..] : [];
    }

    private static HashList Switch(
        this HashList list, long number, DateTimeOffset now, IReadOnlyList<long> activations) => list with
        {
            ActiveVersion = number,
            Activations = activations,
            Versions = [.. list.Versions.Select(v =>
                v.Number == number ? v with { State = VersionState.Active, ActivatedAt = now }
                : v.State == VersionState.Active ? v with { State = VersionState.Retired }
                : v)],
        };

    // Taking a version out of the middle may leave its neighbours equal.
    private static List<long> Collapse(IEnumerable<long> activations)
    {
        List<long> collapsed = [];
        foreach (long number in activations)
        {
            if (collapsed.Count == 0 || collapsed[^1] != number)
            {
                collapsed.Add(number);
            }
        }

        return collapsed;
    }
}
