using HashMatch.Pdq;

namespace HashMatch.Uploads;

/// <summary>How one upload is hashed.</summary>
public sealed record UploadOptions
{
    public PdqFidelity Fidelity { get; init; } = PdqFidelity.Fast;

    /// <summary>Look up all eight orientations.</summary>
    public bool Dihedral { get; init; }

    /// <summary>Also hash the picture without its uniform border, where it has one.</summary>
    public bool Trim { get; init; } = true;

    /// <summary>Digests to compute.</summary>
    public bool Md5 { get; init; } = true;

    public bool Sha1 { get; init; } = true;

    public bool Sha256 { get; init; } = true;
}
