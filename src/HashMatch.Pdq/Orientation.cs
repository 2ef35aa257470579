namespace HashMatch.Pdq;

/// <summary>
/// The eight rotations and reflections of a picture, as PDQ's reference derives them from one DCT (its names in
/// brackets). A rotation is counter-clockwise.
/// </summary>
public enum Orientation : byte
{
    /// <summary>As it is [orig].</summary>
    Original = 0,

    /// <summary>By 90 degrees [r090].</summary>
    Rotated90 = 1,

    /// <summary>By 180 degrees [r180].</summary>
    Rotated180 = 2,

    /// <summary>By 270 degrees [r270].</summary>
    Rotated270 = 3,

    /// <summary>Top to bottom [flpx].</summary>
    FlippedX = 4,

    /// <summary>Left to right [flpy].</summary>
    FlippedY = 5,

    /// <summary>About the main diagonal [flpp].</summary>
    FlippedPlus1 = 6,

    /// <summary>About the other diagonal [flpm].</summary>
    FlippedMinus1 = 7,
}
