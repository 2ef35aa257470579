using System.Buffers;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// The kept coefficients of a component's blocks, before dequantisation, while progressive scans come in. Zeroed when
/// disposed.
/// </summary>
internal sealed class CoefficientStore : IDisposable
{
    private readonly short[] _values;
    private readonly int _count;

    public CoefficientStore(JpegComponent component, Reduction reduction)
    {
        Component = component;
        Reduction = reduction;
        _count = checked(component.BlocksAcross * component.BlocksDown * reduction.Count);
        _values = ArrayPool<short>.Shared.Rent(_count);
        _values.AsSpan(0, _count).Clear();
    }

    public JpegComponent Component { get; }

    public Reduction Reduction { get; }

    /// <summary>The kept coefficients of blocks from one on, block by block.</summary>
    public Span<short> From(int blockRow, int block) => _values.AsSpan(
        ((blockRow * Component.BlocksAcross) + block) * Reduction.Count,
        (Component.BlocksAcross - block) * Reduction.Count);

    /// <summary>Hands a row of blocks, dequantised, to a plane.</summary>
    /// <param name="blockRow">Which.</param>
    /// <param name="plane">Of one row of blocks.</param>
    public void Copy(int blockRow, ComponentPlane plane)
    {
        int count = Reduction.Count;
        Span<int> steps = stackalloc int[count + 1];
        for (int k = 0; k < 64; k++)
        {
            steps[Reduction.Slots[k]] = Component.Steps![k];
        }

        int blocks = JpegFrame.DivideUp(Component.Width, 8);
        ReadOnlySpan<short> values = From(blockRow, 0);
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

    public void Dispose()
    {
        _values.AsSpan(0, _count).Clear();
        ArrayPool<short>.Shared.Return(_values);
    }
}
