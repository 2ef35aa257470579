using System.Runtime.InteropServices;

namespace HashMatch.Imaging.Jpeg;

/// <summary>Kept coefficients of one component's blocks, in the order of a scan, to rows.</summary>
internal sealed class WantedBlocks
{
    private const int Lanes = BlockTransform.Lanes;

    private readonly JpegScan _scan;
    private readonly ScanComponent _component;
    private readonly ComponentPlane _plane;
    private readonly LumaRows _rows;
    private readonly CancellationToken _cancellation;
    private readonly int[] _steps;
    private int _mcu;
    private int _v;
    private int _h;
    private int _prediction;

    /// <param name="scan">Its header.</param>
    /// <param name="component">What the blocks are of.</param>
    /// <param name="rows">Gets the rows.</param>
    /// <param name="cancellation">Looked at before each row of MCUs.</param>
    public WantedBlocks(JpegScan scan, ScanComponent component, LumaRows rows, CancellationToken cancellation)
    {
        _scan = scan;
        _component = component;
        _plane = component.Plane!;
        _rows = rows;
        _cancellation = cancellation;
        int[] steps = new int[rows.Reduction.Count + 1];
        for (int k = 0; k < 64; k++)
        {
            steps[rows.Reduction.Slots[k]] = (ushort)component.Places[k];
        }

        _steps = steps[..^1];
    }

    /// <summary>Blocks so far.</summary>
    public int Count { get; private set; }

    /// <summary>Those of the picture.</summary>
    public int Most => _scan.McusAcross * _scan.McusDown * _component.H * _component.V;

    /// <summary>Takes the next blocks; those that end an MCU with all that the MCU has.</summary>
    /// <param name="values">Kept coefficients, block by block, each DC as its difference to the last one.</param>
    /// <returns>False when it was cancelled.</returns>
    public bool TryAdd(ReadOnlySpan<short> values)
    {
        int count = _steps.Length;
        int across = _component.H;
        ReadOnlySpan<int> steps = _steps;
        Span<int> batches = _plane.Batches;
        Count += values.Length / count;
        (int mcu, int v, int h, int prediction) = (_mcu, _v, _h, _prediction);
        for (int at = 0; at < values.Length; at += count)
        {
            if (mcu + v + h == 0 && _cancellation.IsCancellationRequested)
            {
                return false;
            }

            int block = (mcu * across) + h;
            int lane = _plane.LaneOffset(v, block);

            // Four at a time: kept are one, four or sixteen.
            for (int i = 0; i + 4 <= count; i += 4)
            {
                ulong four = MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(values.Slice(at + i, 4)));
                Span<int> to = batches.Slice(lane + (i * Lanes), (3 * Lanes) + 1);
                ReadOnlySpan<int> by = steps.Slice(i, 4);
                to[3 * Lanes] = (short)(four >> 48) * by[3];
                to[2 * Lanes] = (short)(four >> 32) * by[2];
                to[Lanes] = (short)(four >> 16) * by[1];
                to[0] = (short)four * by[0];
            }

            prediction += values[at];
            batches[lane] = (short)prediction * steps[0];
            if ((block & (Lanes - 1)) == Lanes - 1)
            {
                _plane.Complete(v, block);
            }

            if (++h < across)
            {
                continue;
            }

            h = 0;
            v = v + 1 == _component.V ? 0 : v + 1;
            mcu += v == 0 ? 1 : 0;
            if (mcu == _scan.McusAcross)
            {
                mcu = 0;
                EndRow();
            }
        }

        (_mcu, _v, _h, _prediction) = (mcu, v, h, prediction);
        return true;
    }

    private void EndRow()
    {
        for (int v = 0; v < _component.V; v++)
        {
            _plane.CompleteRow(v, _scan.McusAcross * _component.H);
        }

        _rows.Add([_plane], _component.V);
    }
}
