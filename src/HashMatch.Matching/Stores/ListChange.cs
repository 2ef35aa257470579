namespace HashMatch.Matching.Stores;

/// <summary>One line of a list's change log.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Revision">The revision that the change made.</param>
/// <param name="What">A short verb: created, updated, staged, activated, rolled-back, retired, edited, deleted.</param>
/// <param name="At">When.</param>
public sealed record ListChange(string List, long Revision, string What, DateTimeOffset At)
{
    /// <summary>What the deletion of a list is called.</summary>
    public const string Deleted = "deleted";

    /// <summary>Whether the list was deleted by it, with more said of it or not.</summary>
    public bool IsDeletion => What.Split([' ', ','], 2)[0] == Deleted;
}
