using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Pdq;

namespace HashMatch.Uploads;

/// <summary>What is left of an upload once it is hashed; holds no pixel and no byte of it.</summary>
public sealed record HashedUpload
{
    /// <summary>What to look up.</summary>
    public required MatchQuery Query { get; init; }

    public required ImageFormat Format { get; init; }

    /// <summary>Pixels in a row as stored; 0 when unknown.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels in a column as stored; 0 when unknown.</summary>
    public required int Height { get; init; }

    /// <summary>Why there is no hash, for a person; empty when there is one.</summary>
    public string Detail { get; init; } = "";

    /// <summary>When its digests were done and its decode began, as <see cref="System.Diagnostics.Stopwatch"/> counts.
    /// </summary>
    public long DigestedAt { get; init; }

    /// <summary>Frames of the file; 1 for a still picture.</summary>
    public int FrameCount { get; init; } = 1;

    /// <summary>Every way in which the upload was hashed, the first frame, whole, first; empty when there is no hash.
    /// </summary>
    public IReadOnlyList<Rendition> Renditions { get; init; } = [];

    /// <summary>Hashes of the pixels of the first frame as stored; null when there are none.</summary>
    public DihedralHashes? AsStored => Renditions.Count > 0 ? Renditions[0].AsStored : null;

    /// <summary>Hashes of the first frame upright; null when there are none.</summary>
    public DihedralHashes? Upright => Renditions.Count > 0 ? Renditions[0].Upright : null;
}
