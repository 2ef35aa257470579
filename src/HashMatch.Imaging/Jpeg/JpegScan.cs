namespace HashMatch.Imaging.Jpeg;

/// <summary>A scan header (ITU T.81, B.2.3).</summary>
internal sealed class JpegScan
{
    private const int MaxBlocksPerMcu = 10;

    private JpegScan(JpegFrame frame, int[] components)
    {
        Components = components;
        IsInterleaved = components.Length > 1;
        JpegComponent first = frame.Components[components[0]];

        // A component alone has MCUs of one block, and only those blocks that hold samples (A.2.2).
        McusAcross = IsInterleaved ? frame.McusAcross : JpegFrame.DivideUp(first.Width, 8);
        McusDown = IsInterleaved ? frame.McusDown : JpegFrame.DivideUp(first.Height, 8);
        BlocksPerMcu = IsInterleaved ? components.Sum(i => frame.Components[i].H * frame.Components[i].V) : 1;
    }

    /// <summary>Indices into the frame's components, in the order of the MCU.</summary>
    public int[] Components { get; }

    /// <summary>DC table of each of them, 0 to 3.</summary>
    public required int[] DcTables { get; init; }

    /// <summary>AC table of each of them, 0 to 3.</summary>
    public required int[] AcTables { get; init; }

    /// <summary>First and last coefficient, in zigzag order.</summary>
    public required (int Start, int End) Band { get; init; }

    /// <summary>The bit that the scan before was sent down to; 0 in a band's first.</summary>
    public required int High { get; init; }

    /// <summary>The bit that this scan is sent down to.</summary>
    public required int Low { get; init; }

    public bool IsInterleaved { get; }

    public int McusAcross { get; }

    public int McusDown { get; }

    public int BlocksPerMcu { get; }

    /// <summary>Reads the segment behind SOS.</summary>
    /// <returns>Null when it breaks a rule.</returns>
    public static JpegScan? Read(JpegFrame frame, ReadOnlySpan<byte> segment)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count is 0 or > 3 || segment.Length != (2 * count) + 4)
        {
            return null;
        }

        int[] components = new int[count];
        int[] dcTables = new int[count];
        int[] acTables = new int[count];
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + (2 * i)];
            components[i] = Array.FindIndex(frame.Components, component => component.Id == id);
            dcTables[i] = segment[2 + (2 * i)] >> 4;
            acTables[i] = segment[2 + (2 * i)] & 15;
            if (components[i] < 0 || dcTables[i] > 3 || acTables[i] > 3
                || Array.IndexOf(components, components[i]) < i)
            {
                return null;
            }
        }

        ReadOnlySpan<byte> band = segment[(1 + (2 * count))..];
        var scan = new JpegScan(frame, components)
        {
            DcTables = dcTables,
            AcTables = acTables,

            // What a sequential scan says of them is fixed, and so not looked at.
            Band = frame.IsProgressive ? (band[0], band[1]) : (0, 63),
            High = frame.IsProgressive ? band[2] >> 4 : 0,
            Low = frame.IsProgressive ? band[2] & 15 : 0,
        };
        return scan.BlocksPerMcu <= MaxBlocksPerMcu && (!frame.IsProgressive || scan.IsProgression()) ? scan : null;
    }

    // G.1.1.1.1: DC alone, or a band of AC of one component; each refinement adds one bit.
    private bool IsProgression() =>
        (Band.Start == 0 ? Band.End == 0 : Band.End >= Band.Start && Band.End <= 63 && !IsInterleaved)
        && (High == 0 || Low == High - 1)
        && Low <= 13;
}
