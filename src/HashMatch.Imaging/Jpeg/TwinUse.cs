namespace HashMatch.Imaging.Jpeg;

/// <summary>When a decode's scans are read at two places, and how often they were: for tests.</summary>
internal sealed class TwinUse
{
    /// <summary>Bytes of a scan below which it is read in order.</summary>
    public int MinBytes { get; init; } = TwinScan.MinBytes;

    /// <summary>Scans that were read at two places.</summary>
    public int Read { get; private set; }

    /// <summary>Scans that had to be read in order after all.</summary>
    public int GivenUp { get; private set; }

    /// <summary>The most blocks that were transformed of a scan.</summary>
    public int MostBlocks { get; private set; }

    public void Note(int blocks) => MostBlocks = Math.Max(MostBlocks, blocks);

    public void Count(bool isRead) => (Read, GivenUp) = isRead ? (Read + 1, GivenUp) : (Read, GivenUp + 1);
}
