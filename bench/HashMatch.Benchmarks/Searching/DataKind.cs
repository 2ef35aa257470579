namespace HashMatch.Benchmarks.Searching;

/// <summary>What the hashes of a data set are like.</summary>
internal enum DataKind
{
    /// <summary>Unrelated, 128 bits set, as pictures have.</summary>
    Balanced,

    /// <summary>Three of four hashes are frames of a few thousand series, each around a scene of its own.</summary>
    Clustered,

    /// <summary>Bits that are rarer or commoner than others and take after their neighbours; 128 set.</summary>
    Skewed,

    /// <summary>Unrelated, each bit on its own.</summary>
    Uniform,

    /// <summary>All the same.</summary>
    Equal,
}
