namespace HashMatch.Matching.Access;

/// <summary>Roles as people, settings and documents write them.</summary>
public static class RoleWords
{
    private static readonly (CallerRoles Role, string Word)[] Words =
    [
        (CallerRoles.Matcher, "matcher"),
        (CallerRoles.ListEditor, "list-editor"),
        (CallerRoles.ListApprover, "list-approver"),
        (CallerRoles.Auditor, "auditor"),
        (CallerRoles.Metrics, "metrics"),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Words.Select(pair => pair.Word)];

    /// <summary>The words of some roles, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Of(CallerRoles roles) =>
        [.. Words.Where(pair => roles.HasFlag(pair.Role)).Select(pair => pair.Word)];

    /// <summary>The role of a word; None for a word that is none.</summary>
    public static CallerRoles Read(string word) => Array.Find(Words, pair => pair.Word == word).Role;

    /// <summary>The roles of some words; those that are none grant nothing.</summary>
    public static CallerRoles Read(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words.Aggregate(CallerRoles.None, (roles, word) => roles | Read(word));
    }
}
