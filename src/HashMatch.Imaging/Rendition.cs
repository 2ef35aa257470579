using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>One way to see an upload, and its hashes.</summary>
/// <param name="Frame">The frame of an animation, from 0; 0 for a still picture.</param>
/// <param name="Kind">What was done to the pixels before they were hashed.</param>
/// <param name="Upright">Hashes of the picture as a viewer shows it, EXIF applied.</param>
/// <param name="AsStored">Hashes of the pixels as stored; the same as <paramref name="Upright"/> where EXIF turns
/// nothing.</param>
public readonly record struct Rendition(
    int Frame, RenditionKind Kind, DihedralHashes Upright, DihedralHashes AsStored);
