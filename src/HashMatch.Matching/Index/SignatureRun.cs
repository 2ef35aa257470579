namespace HashMatch.Matching.Index;

/// <summary>The signatures that a kernel scans at once, and what they are compared with.</summary>
internal unsafe struct SignatureRun
{
    /// <summary>The query's signature.</summary>
    public ushort Query;

    /// <summary>Most bits that may differ, 0 to 16.</summary>
    public int Limit;

    /// <summary>Buckets.</summary>
    public int Count;

    /// <summary>Of the chunk's first row.</summary>
    public ulong Tag;

    /// <summary>The chunk's signatures, or those of its lines that are too full, and
    /// <see cref="SignatureScan.OverRead"/> more.</summary>
    public ushort* Signatures;

    /// <summary>Of each bucket its end and, in the lower half, its start; where buckets are no lines.</summary>
    public ulong* Ranges;

    /// <summary>The chunk's lines.</summary>
    public BucketLine* Lines;

    /// <summary>The query's bucket.</summary>
    public uint Bucket;

    /// <summary>What leads from it to each of the buckets.</summary>
    public uint* Masks;
}
