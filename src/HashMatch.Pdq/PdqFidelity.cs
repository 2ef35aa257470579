namespace HashMatch.Pdq;

/// <summary>How closely a hash follows the C++ reference.</summary>
public enum PdqFidelity
{
    /// <summary>The folded tent filter, on full-size or reduced luma: a few bits at most from the reference.</summary>
    Fast,

    /// <summary>The reference's order of operations on full-size luma: the same bits, always.</summary>
    Reference,
}
