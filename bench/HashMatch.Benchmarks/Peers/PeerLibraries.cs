using HashMatch.Benchmarks.Paired;
using HashMatch.Benchmarks.Searching;

namespace HashMatch.Benchmarks.Peers;

/// <summary>The peers that this machine has.</summary>
internal static class PeerLibraries
{
    private const string PdqVariable = "HASHMATCH_PDQ_REFERENCE";
    private const string FaissVariable = "HASHMATCH_FAISS";

    private static readonly Lazy<ReferenceLibrary?> LoadedPdq = new(() => ReferenceLibrary.Load(Path(PdqVariable)));

    private static readonly Lazy<FaissLibrary?> LoadedFaiss = new(
        () => Path(FaissVariable) is { } path ? FaissLibrary.Load(path) : null);

    private static readonly HashSet<PeerKind> Said = [];

    /// <summary>The C++ reference; null where none is named.</summary>
    public static ReferenceLibrary? PdqReference => LoadedPdq.Value;

    /// <summary>FAISS; null where none is named.</summary>
    public static FaissLibrary? Faiss => LoadedFaiss.Value;

    /// <summary>Whether a peer is there; says once why not.</summary>
    public static bool Has(PeerKind kind)
    {
        string? problem = kind switch
        {
            PeerKind.TurboJpeg => HasTurbo() ? null : "libturbojpeg0 is not installed",
            PeerKind.PdqReference => PdqReference is null ? $"{PdqVariable} names no library" : null,
            PeerKind.Faiss => Faiss is null ? $"{FaissVariable} names no library" : null,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        if (problem is not null && Said.Add(kind))
        {
            Console.WriteLine($"// {kind} is left out: {problem}.");
        }

        return problem is null;
    }

    private static string? Path(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path ? path : null;

    private static bool HasTurbo()
    {
        using TurboJpeg? turbo = TurboJpeg.Load();
        return turbo is not null;
    }
}
