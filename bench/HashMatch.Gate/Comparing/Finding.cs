namespace HashMatch.Gate.Comparing;

/// <summary>What the rounds so far say of a metric.</summary>
internal enum Finding
{
    /// <summary>The interval holds the limit, or there are too few rounds.</summary>
    Undecided,

    /// <summary>Not worse by more than the limit.</summary>
    Fine,

    /// <summary>Worse by more than the limit.</summary>
    Worse,
}
