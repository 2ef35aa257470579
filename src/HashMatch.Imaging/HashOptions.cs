using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>How an upload is decoded and hashed.</summary>
public sealed record HashOptions
{
    public PdqFidelity Fidelity { get; init; } = PdqFidelity.Fast;

    /// <summary>Also hash the picture without its uniform border, where it has one.</summary>
    public bool Trim { get; init; } = true;

    /// <summary>Frames of an animation that are hashed, evenly spaced, 1 to 1,024.</summary>
    public int MaxFrames { get; init; } = 64;
}
