namespace HashMatch.Matching;

/// <summary>What an entry holds. The values are stored; never renumber them.</summary>
public enum HashType : byte
{
    /// <summary>A perceptual hash, 32 bytes, matched by distance.</summary>
    Pdq = 1,

    /// <summary>A digest of the file, 16 bytes, matched when equal.</summary>
    Md5 = 2,

    /// <summary>A digest of the file, 20 bytes, matched when equal.</summary>
    Sha1 = 3,

    /// <summary>A digest of the file, 32 bytes, matched when equal.</summary>
    Sha256 = 4,
}
