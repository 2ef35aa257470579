namespace HashMatch.Exchanges.Feedback;

/// <summary>What became of a match.</summary>
public enum FeedbackOpinion
{
    /// <summary>An upload matched the entry.</summary>
    Match,

    /// <summary>The entry, or its match, was wrong.</summary>
    Wrong,
}
