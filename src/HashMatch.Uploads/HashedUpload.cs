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

    /// <summary>Hashes of the pixels as stored; null when there are none.</summary>
    public DihedralHashes? AsStored { get; init; }

    /// <summary>Hashes of the upright picture; null when there are none.</summary>
    public DihedralHashes? Upright { get; init; }
}
