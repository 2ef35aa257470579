namespace HashMatch.Imaging.Jpeg;

/// <summary>Which coefficients a reduced decode keeps, and where.</summary>
internal sealed class Reduction
{
    /// <summary>The last of <see cref="Places"/>: the last coefficient but one, and the largest advance.</summary>
    public const int LastPlace = 62 + HuffmanTable.Unresolved;

    private static readonly Reduction[] All = [new(1), new(2), new(4), new(8)];

    private Reduction(int factor)
    {
        Factor = factor;
        Side = 8 / factor;
        byte[] slots = new byte[64];
        for (int k = 0; k < 64; k++)
        {
            (int row, int column) = (NaturalOrder[k] >> 3, NaturalOrder[k] & 7);
            bool isKept = row < Side && column < Side;
            slots[k] = (byte)(isKept ? (row * Side) + column : Side * Side);
            Last = isKept ? k : Last;
        }

        Slots = slots;
    }

    /// <summary>1, 2, 4 or 8: pixels of the picture on a side of one that is decoded.</summary>
    public int Factor { get; }

    /// <summary>Pixels, and kept coefficients, on a side of a block: 8 / factor.</summary>
    public int Side { get; }

    /// <summary>Kept coefficients of a block.</summary>
    public int Count => Side * Side;

    /// <summary>The last kept coefficient in zigzag order.</summary>
    public int Last { get; }

    /// <summary>
    /// Of each coefficient in zigzag order: its place among the kept ones, row by row; one behind them when not kept.
    /// </summary>
    public byte[] Slots { get; }

    // ITU T.81, figure 5.
    private static ReadOnlySpan<byte> NaturalOrder =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
        21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60,
        61, 54, 47, 55, 62, 63,
    ];

    /// <summary>
    /// Of each coefficient in zigzag order: its step, and from bit 16 where it goes in a batch. Those beyond a block go
    /// behind the kept ones.
    /// </summary>
    /// <param name="steps">A quantisation table in zigzag order; 16 bits each.</param>
    public uint[] Places(ReadOnlySpan<int> steps)
    {
        uint[] places = new uint[LastPlace + 1];
        places.AsSpan().Fill((uint)(Count * BlockTransform.Lanes) << 16);
        for (int k = 0; k < 64; k++)
        {
            places[k] = (uint)(Slots[k] * BlockTransform.Lanes) << 16 | (ushort)steps[k];
        }

        return places;
    }

    /// <summary>Of 1, 2, 4 or 8.</summary>
    public static Reduction Of(int factor) => All[int.Log2(factor)];
}
