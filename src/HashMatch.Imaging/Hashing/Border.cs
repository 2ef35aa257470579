namespace HashMatch.Imaging.Hashing;

/// <summary>Stored pixels to cut off, on each side.</summary>
internal readonly record struct Border(int Left, int Top, int Right, int Bottom)
{
    public bool IsEmpty => this == default;
}
