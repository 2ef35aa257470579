namespace HashMatch.Imaging.Png;

/// <summary>Whether a chunk begins at a place.</summary>
internal enum PngChunkStatus
{
    Found,

    /// <summary>The file ends before the chunk's head does.</summary>
    Missing,

    /// <summary>A length over 2^31 - 1, or a name that is not of letters.</summary>
    Broken,
}
