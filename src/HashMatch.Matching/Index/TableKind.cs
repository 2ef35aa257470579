namespace HashMatch.Matching.Index;

/// <summary>What a table is made of.</summary>
internal enum TableKind
{
    /// <summary>All rows are looked at, a few bits of 64 at a time.</summary>
    Planes,

    /// <summary>16 chunks of 16 bits; a bucket is a cache line with its signatures in it.</summary>
    Lines,

    /// <summary>16 chunks of 16 bits; buckets of any size behind a directory.</summary>
    NarrowBuckets,

    /// <summary>13 chunks of 18 to 22 bits; the same otherwise.</summary>
    WideBuckets,
}
