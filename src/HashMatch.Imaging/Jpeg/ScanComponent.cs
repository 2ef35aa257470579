namespace HashMatch.Imaging.Jpeg;

/// <summary>A component while one scan of it is read.</summary>
internal sealed class ScanComponent
{
    /// <summary>Blocks of it in a row of an MCU.</summary>
    public required int H { get; init; }

    /// <summary>Rows of blocks of it in an MCU.</summary>
    public required int V { get; init; }

    public required HuffmanTable Dc { get; init; }

    public required HuffmanTable Ac { get; init; }

    /// <summary>Look-ups for the beginning of a block that is skipped; empty where none is.</summary>
    public required ushort[] Firsts { get; init; }

    /// <summary><see cref="Reduction.Places"/>; empty when nobody wants them.</summary>
    public required uint[] Places { get; init; }

    /// <summary>The last coefficient in zigzag order that is kept.</summary>
    public required int Last { get; init; }

    /// <summary><see cref="HuffmanTable.Values"/> of DC.</summary>
    public int[] DcValues => Dc.Values;

    /// <summary><see cref="HuffmanTable.Values"/> of AC.</summary>
    public int[] AcValues => Ac.Values;

    /// <summary><see cref="HuffmanTable.Skips"/> of AC.</summary>
    public ushort[] Skips => Ac.Skips;

    /// <summary>Where its samples go; null when nobody wants them.</summary>
    public ComponentPlane? Plane { get; init; }

    /// <summary>The last block's DC, before dequantisation.</summary>
    public int Prediction { get; set; }
}
