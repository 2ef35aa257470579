namespace HashMatch.Matching.Stores;

/// <summary>How a store looks from here.</summary>
public enum StoreState
{
    /// <summary>It answers and takes changes.</summary>
    Answers,

    /// <summary>It answers and refuses changes: full, read-only, without the replicas it wants, loading.</summary>
    Refuses,

    /// <summary>Connected, and nothing comes back.</summary>
    Silent,

    /// <summary>No connection.</summary>
    Away,
}
