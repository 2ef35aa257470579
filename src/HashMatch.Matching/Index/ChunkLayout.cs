using System.Runtime.CompilerServices;

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

    private readonly int[] _widths;
    private readonly int[] _offsets;
    private readonly int[] _bucketBits;

    private ChunkLayout(int[] widths, int[] bucketBits)
    {
        _widths = widths;
        _bucketBits = bucketBits;
        _offsets = new int[widths.Length];
        for (int chunk = 1; chunk < widths.Length; chunk++)
        {
            _offsets[chunk] = _offsets[chunk - 1] + widths[chunk - 1];
        }
    }

    /// <summary>Thirteen chunks of 18 to 22 bits: fewer rows a bucket and fewer tables, for many rows.</summary>
    public static ChunkLayout Wide { get; } = Whole([18, 18, 18, 18, 18, 18, 18, 22, 22, 22, 22, 21, 21]);

    /// <summary>Chunks.</summary>
    public int Count => _widths.Length;

    /// <summary>Sixteen chunks of 16 bits, of which the first make the bucket.</summary>
    /// <param name="bucketBits">1 to 16.</param>
    public static ChunkLayout Narrow(int bucketBits) =>
        new([.. Enumerable.Repeat(16, 16)], [.. Enumerable.Repeat(bucketBits, 16)]);

    /// <summary>Bits of a chunk.</summary>
    public int Width(int chunk) => _widths[chunk];

    /// <summary>Bits that make its bucket.</summary>
    public int BucketBits(int chunk) => _bucketBits[chunk];

    /// <summary>Buckets of a chunk.</summary>
    public int Buckets(int chunk) => 1 << _bucketBits[chunk];

    /// <summary>The bucket that a shuffled hash falls in.</summary>
    public uint Bucket(in HashValue value, int chunk) =>
        Bits(value, _offsets[chunk]) & ((1u << _bucketBits[chunk]) - 1);

    /// <summary>The signature of a shuffled hash.</summary>
    public ushort Signature(in HashValue value, int chunk) =>
        (ushort)Bits(value, (_offsets[chunk] + _bucketBits[chunk]) & 255);

    // 32 bits from a place on the ring.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(in HashValue value, int offset)
    {
        ref ulong words = ref Unsafe.As<HashValue, ulong>(ref Unsafe.AsRef(in value));
        int word = offset >> 6;
        ulong low = Unsafe.Add(ref words, word) >> (offset & 63);

        // The shift by 64 is split: a shift by 64 is a shift by 0.
        ulong high = Unsafe.Add(ref words, (word + 1) & 3) << 1 << (63 - (offset & 63));
        return (uint)(low | high);
    }

    private static ChunkLayout Whole(int[] widths) => new(widths, widths);
}
