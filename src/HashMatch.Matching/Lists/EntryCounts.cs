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

    /// <summary>Entries of one type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a type.</exception>
    public long Of(HashType type) => type switch
    {
        HashType.Pdq => Pdq,
        HashType.Md5 => Md5,
        HashType.Sha1 => Sha1,
        HashType.Sha256 => Sha256,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
