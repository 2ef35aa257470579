using System.Globalization;

namespace HashMatch.Benchmarks.Paired;

/// <summary>The command line of the paired measurements.</summary>
internal static class PairedCommand
{
    private const string Usage =
        """
        paired pdq    [--reference PATH] [--rounds N]
        paired decode [--reference PATH] [--images FOLDER] [--rounds N]

        PATH is a shared library of the C++ reference, FOLDER sample images; see bench/README.md.
        """;

    /// <summary>0 when all was measured, however it went; 2 for words that are not understood.</summary>
    public static int Run(string[] args)
    {
        if (args is [DecodeMemory.Command, string file, string first])
        {
            return DecodeMemory.Run(file, first);
        }

        string? path = null;
        string? images = null;
        int rounds = 15;
        if (args.Length % 2 == 0)
        {
            return Fail();
        }

        for (int i = 1; i < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--reference":
                    path = args[i + 1];
                    break;
                case "--images" when args[0] == "decode":
                    images = args[i + 1];
                    break;
                case "--rounds" when int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out rounds) && rounds > 0:
                    break;
                default:
                    return Fail();
            }
        }

        using ReferenceLibrary? reference = ReferenceLibrary.Load(path);
        switch (args[0])
        {
            case "pdq":
                new PdqPairs(reference, rounds).Run();
                return 0;
            case "decode":
                using (var turbo = TurboJpeg.Load())
                {
                    var pairs = new DecodePairs(reference, turbo, rounds);
                    pairs.Run();
                    if (images is not null)
                    {
                        pairs.RunSamples(images);
                    }
                }

                return 0;
            default:
                return Fail();
        }
    }

    private static int Fail()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
