namespace HashMatch.Matching.Index;

/// <summary>
/// How 256 shuffled bits, seen as a ring, are cut into chunks. Rows are looked up by a chunk's first bits (the bucket);
/// the <see cref="SignatureBits"/> bits behind those are kept beside each row (the signature).
/// </summary>
internal sealed class ChunkLayout
{
    /// <summary>Width of a signature. It must end within the chunk behind its own: the filter says no more.</summary>
    public const int SignatureBits = 16;

    /// <summary>Most chunks of any layout.</summary>
    public const int MaxCount = 16;

    private readonly int[] _bucketBits;
    private readonly BitField[] _buckets;
    private readonly BitField[] _signatures;

    private ChunkLayout(int[] widths, int[] bucketBits)
    {
        _bucketBits = bucketBits;
        _buckets = new BitField[widths.Length];
        _signatures = new BitField[widths.Length];
        int offset = 0;
        for (int chunk = 0; chunk < widths.Length; chunk++)
        {
            _buckets[chunk] = new BitField(offset, bucketBits[chunk]);
            _signatures[chunk] = new BitField((offset + bucketBits[chunk]) & 255, SignatureBits);
            offset += widths[chunk];
        }
    }

    /// <summary>Thirteen chunks of 18 to 22 bits: fewer rows a bucket and fewer tables, for many rows.</summary>
    public static ChunkLayout Wide { get; } = Whole([18, 18, 18, 18, 18, 18, 18, 22, 22, 22, 22, 21, 21]);

    /// <summary>Chunks.</summary>
    public int Count => _bucketBits.Length;

    /// <summary>Sixteen chunks of 16 bits, of which the first make the bucket.</summary>
    /// <param name="bucketBits">1 to 16.</param>
    public static ChunkLayout Narrow(int bucketBits) =>
        new([.. Enumerable.Repeat(16, 16)], [.. Enumerable.Repeat(bucketBits, 16)]);

    /// <summary>Bits that make a chunk's bucket.</summary>
    public int BucketBits(int chunk) => _bucketBits[chunk];

    /// <summary>Buckets of a chunk.</summary>
    public int Buckets(int chunk) => 1 << _bucketBits[chunk];

    /// <summary>The bits of a shuffled hash that are its bucket.</summary>
    public BitField Bucket(int chunk) => _buckets[chunk];

    /// <summary>The bits of a shuffled hash that are its signature.</summary>
    public BitField Signature(int chunk) => _signatures[chunk];

    private static ChunkLayout Whole(int[] widths) => new(widths, widths);
}
