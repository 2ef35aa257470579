namespace HashMatch.Load.Scale;

/// <summary>How an upload's replica is chosen.</summary>
internal enum Balancing
{
    Random,

    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>Of two that are drawn, the one with fewer uploads in hand.</summary>
    TwoChoices,

    /// <summary>The one of all with the fewest in hand: what nobody knows at scale.</summary>
    Shortest,
}
