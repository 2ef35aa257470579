namespace HashMatch.Matching.Lists;

/// <summary>Entries of a version, by type.</summary>
public sealed record EntryCounts
{
    public long Pdq { get; init; }

    public long Md5 { get; init; }

    public long Sha1 { get; init; }

    public long Sha256 { get; init; }

    /// <summary>All of them.</summary>
    public long Total => Pdq + Md5 + Sha1 + Sha256;
}
