namespace HashMatch.Matching.Stores;

/// <summary>Why a store that answers takes no change; waiting alone does not help.</summary>
public enum StoreRefusal
{
    /// <summary>It does not answer, or did not say why.</summary>
    None,

    /// <summary>Its memory is full.</summary>
    Full,

    /// <summary>It is a replica, cannot write to its disk, or lacks the replicas that it wants.</summary>
    ReadOnly,
}
