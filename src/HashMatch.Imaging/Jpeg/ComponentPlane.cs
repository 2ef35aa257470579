using HashMatch.Pdq;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// The samples of one component, a row of MCUs at a time. Blocks gather in batches, one for each row of blocks, and are
/// transformed together. Pooled memory, zeroed when disposed.
/// </summary>
internal sealed class ComponentPlane : IDisposable
{
    private const int Lanes = BlockTransform.Lanes;

    private readonly VectorWidth _vectors;
    private readonly int _batchInts;
    private readonly int _stride;
    private readonly int _bandFloats;
    private readonly int[] _batches;
    private readonly float[] _rows;

    /// <param name="reduction">Of its samples.</param>
    /// <param name="blocksAcross">Most blocks in a row.</param>
    /// <param name="blockRows">Rows of blocks in a row of MCUs, 1 to 4.</param>
    /// <param name="vectors">Which kernels.</param>
    public ComponentPlane(Reduction reduction, int blocksAcross, int blockRows, VectorWidth vectors)
    {
        _vectors = vectors;
        Reduction = reduction;

        // One place more for the coefficients that are not kept.
        _batchInts = (reduction.Count + 1) * Lanes;
        _stride = JpegFrame.DivideUp(blocksAcross, Lanes) * Lanes * reduction.Side;
        _bandFloats = _stride * reduction.Side;
        _batches = ScrubbedArrays<int>.Rent(_batchInts * blockRows);
        Restart();
        _rows = ScrubbedArrays<float>.Rent(_bandFloats * blockRows);
    }

    public Reduction Reduction { get; }

    /// <summary>One row of samples of the last row of MCUs.</summary>
    public ReadOnlySpan<float> Row(int row) => _rows.AsSpan(row * _stride, _stride);

    /// <summary>All batches, one for each row of blocks.</summary>
    public int[] Batches => _batches;

    /// <summary>Where in <see cref="Batches"/> the first coefficient of a block goes.</summary>
    public int LaneOffset(int blockRow, int block) => (blockRow * _batchInts) + (block & (Lanes - 1));

    /// <summary>Where the coefficients of a block go, one each <see cref="Lanes"/>; zeros before.</summary>
    public Span<int> Lane(int blockRow, int block) =>
        _batches.AsSpan(LaneOffset(blockRow, block), _batchInts - Lanes + 1);

    /// <summary>Forgets the blocks that are not transformed yet.</summary>
    public void Restart() => _batches.AsSpan().Clear();

    /// <summary>Transforms a batch once its last block is in.</summary>
    public void Complete(int blockRow, int block)
    {
        if ((block & (Lanes - 1)) == Lanes - 1)
        {
            Transform(blockRow, block);
        }
    }

    /// <summary>Transforms the batch that a row of blocks ends with.</summary>
    public void CompleteRow(int blockRow, int blocks)
    {
        if ((blocks & (Lanes - 1)) != 0)
        {
            Transform(blockRow, blocks - 1);
        }
    }

    public void Dispose()
    {
        ScrubbedArrays<int>.Return(_batches);
        ScrubbedArrays<float>.Return(_rows);
    }

    private void Transform(int blockRow, int block)
    {
        Span<int> batch = _batches.AsSpan(blockRow * _batchInts, _batchInts);
        int first = block & -Lanes;
        BlockTransform.ToRows(
            batch,
            Reduction,
            _rows.AsSpan((blockRow * _bandFloats) + (first * Reduction.Side)),
            _stride,
            _vectors);
        batch.Clear();
    }
}
