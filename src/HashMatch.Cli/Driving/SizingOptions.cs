namespace HashMatch.Cli.Driving;

/// <summary>How long a machine is measured, and with how many entries.</summary>
/// <param name="Measured">In all; drawing pictures and starting the server come on top.</param>
/// <param name="Entries">Of the server's list.</param>
internal sealed record SizingOptions(TimeSpan Measured, int Entries)
{
    /// <summary>Calls in flight of the closed loop.</summary>
    public const int InFlight = 8;

    /// <summary>Hashes of a batch.</summary>
    public const int Batch = 1000;

    /// <summary>Sizes of the pictures: a profile's, a screen's, a camera's.</summary>
    public static IReadOnlyList<(int Width, int Height)> Sizes { get; } = [(512, 512), (1920, 1080), (4000, 3000)];
}
