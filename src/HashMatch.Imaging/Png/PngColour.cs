namespace HashMatch.Imaging.Png;

/// <summary>IHDR's colour type (W3C PNG, 11.2.1).</summary>
internal enum PngColour
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}
