
namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// The kept coefficients of a component's blocks, before dequantisation, while progressive scans come in. Zeroed when
/// disposed.
/// </summary>
internal sealed class CoefficientStore : IDisposable
{
    private readonly short[] _values;
    private readonly int _length;

    public CoefficientStore(JpegComponent component, Reduction reduction)
    {
        Component = component;
        Reduction = reduction;
        Count = reduction.Count;
        _length = checked(component.BlocksAcross * component.BlocksDown * reduction.Count);
        _values = ScrubbedArrays<short>.Rent(_length);
        _values.AsSpan(0, _length).Clear();
    }

    public JpegComponent Component { get; }

    public Reduction Reduction { get; }

    /// <summary>Kept coefficients of a block.</summary>
    public int Count { get; }

    /// <summary>The kept coefficients of all blocks, block by block.</summary>
    public short[] Values => _values;

    /// <summary>Where in <see cref="Values"/> a block begins.</summary>
    public int Offset(int blockRow, int block) =>
        ((blockRow * Component.BlocksAcross) + block) * Count;

    /// <summary>Hands a row of blocks, dequantised, to a plane.</summary>
    /// <param name="blockRow">Which.</param>
    /// <param name="plane">Of one row of blocks.</param>
    public void Copy(int blockRow, ComponentPlane plane)
    {
        int count = Count;
        Span<int> steps = stackalloc int[count + 1];
        for (int k = 0; k < 64; k++)
        {
            steps[Reduction.Slots[k]] = Component.Steps![k];
        }

        int blocks = JpegFrame.DivideUp(Component.Width, 8);
        ReadOnlySpan<short> values = _values.AsSpan(Offset(blockRow, 0), blocks * count);
        for (int block = 0; block < blocks; block++)
        {
            Span<int> lane = plane.Lane(0, block);
            for (int i = 0; i < count; i++)
            {
                lane[i * BlockTransform.Lanes] = values[(block * count) + i] * steps[i];
            }

            plane.Complete(0, block);
        }

        plane.CompleteRow(0, blocks);
    }

    public void Dispose() => ScrubbedArrays<short>.Return(_values);
}
