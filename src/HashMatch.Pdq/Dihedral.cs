namespace HashMatch.Pdq;

/// <summary>The group of the eight orientations, and their hashes from one DCT.</summary>
public static class Dihedral
{
    /// <summary>The orientation that undoes another.</summary>
    public static Orientation Inverse(Orientation orientation) => throw new NotSupportedException();

    /// <summary>The orientation that comes of one followed by another.</summary>
    public static Orientation Compose(Orientation first, Orientation second) => throw new NotSupportedException();
}
