namespace HashMatch.Imaging.Hashing;

/// <summary>
/// Where a border ends, by how far its lines are from its colour on average. Compression blurs the last lines of a
/// border where a block holds some of the picture too; the first steep rise behind the clean lines is the edge.
/// </summary>
internal static class BorderEdge
{
    /// <summary>Levels of luma that a pixel of a clean line may be from the colour.</summary>
    public const float Tolerance = 6;

    // Levels that a blurred line may be off on average.
    private const float SoftTolerance = 12;

    // Without one clean line there is only the rise to tell a border from a picture with a plain edge.
    private const float MinRise = 16;

    /// <summary>Blurred lines behind the clean ones.</summary>
    /// <param name="deviations">Mean deviations of the lines behind the clean ones, from the outside in.</param>
    /// <param name="hasClean">There is a clean line.</param>
    public static int SoftLines(ReadOnlySpan<float> deviations, bool hasClean)
    {
        float rise = 0;
        float before = 0;
        foreach (float deviation in deviations)
        {
            rise = Math.Max(rise, deviation - before);
            before = deviation;
        }

        if (!hasClean && rise < MinRise)
        {
            return 0;
        }

        before = 0;
        for (int line = 0; line < deviations.Length; line++)
        {
            if (deviations[line] - before >= rise / 2 || deviations[line] > SoftTolerance)
            {
                return line;
            }

            before = deviations[line];
        }

        return 0;
    }
}
