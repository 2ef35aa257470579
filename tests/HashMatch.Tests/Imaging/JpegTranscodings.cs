using NetVips;

namespace HashMatch.Tests.Imaging;

/// <summary>JPEGs that libvips writes of drawn pictures and of the sample images, in every way it can.</summary>
internal static class JpegTranscodings
{
    private static readonly int[] Qualities = [5, 12, 25, 40, 50, 60, 70, 75, 80, 85, 90, 95, 98, 100];

    // At Fast fidelity the last ones are reduced by 2 and by 4.
    private static readonly (int Width, int Height)[] Sizes =
    [
        (97, 131), (160, 120), (255, 257), (333, 199), (512, 512), (601, 333), (640, 480), (719, 1023),
        (1025, 1031), (1279, 1024), (1366, 1057), (2049, 2051),
    ];

    public const int Count = 336;

    /// <summary>Whether the n-th has no chroma.</summary>
    public static bool IsGrey(int n) => Variant(n) % 11 == 0;

    /// <summary>Writes the n-th, from 0.</summary>
    public static (string Name, byte[] File) Make(int n)
    {
        (int width, int height) = Sizes[n % Sizes.Length];
        int quality = Qualities[n / Sizes.Length % Qualities.Length];
        int variant = Variant(n);
        bool isProgressive = variant % 3 == 0;
        bool isOptimised = variant % 2 == 0;
        int restarts = variant % 5 == 0 ? 1 + (n % 23) : 0;
        Enums.ForeignSubsample subsampling = (variant % 4) switch
        {
            0 => Enums.ForeignSubsample.Off,
            1 => Enums.ForeignSubsample.On,
            _ => Enums.ForeignSubsample.Auto,
        };
        bool isGrey = IsGrey(n);
        byte[] rgb = SamplePictures.Scene(900 + (uint)n, width, height, grain: n % 4 * 6);
        using Image plain = Encodings.FromRgb(rgb, width, height);
        using Image picture = isGrey ? plain.Colourspace(Enums.Interpretation.Bw) : plain.Copy();
        using Image tagged = picture.Mutate(m => m.Set(GValue.GIntType, "orientation", 1 + (n % 8)));
        byte[] file = tagged.JpegsaveBuffer(
            q: quality,
            interlace: isProgressive,
            optimizeCoding: isOptimised,
            restartInterval: restarts,
            subsampleMode: subsampling,
            trellisQuant: false);
        string name = $"{n}: {width} x {height}, quality {quality}, {subsampling}, restarts {restarts}"
            + (isProgressive ? ", progressive" : "") + (isGrey ? ", grey" : "");
        return (name, file);
    }

    private static int Variant(int n) => (n * 7) + (n / (Sizes.Length * Qualities.Length));
}
