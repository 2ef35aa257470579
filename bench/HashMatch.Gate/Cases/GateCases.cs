using HashMatch.Benchmarks.Imaging;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Gate.Cases;

/// <summary>The paths that are measured, by name.</summary>
/// <param name="pictures">The folder of what <see cref="Draw"/> drew.</param>
/// <param name="lists">A folder of this side's own.</param>
internal sealed class GateCases(string pictures, string lists) : IDisposable
{
    private const int Side = 512;

    private readonly Dictionary<string, GateCase> _open = [];
    private readonly GateList _list = new(lists, 100_000);
    private GateServer? _server;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "pdq-fast", "pdq-reference", "jpeg", "png", "find-100k", "find-1m", "message", "list-file", "serve-match",
        "serve-hashes",
    ];

    /// <summary>Those whose operations are the same instructions each time: on one thread, on data that is small.
    /// </summary>
    public static IReadOnlyList<string> Countable { get; } =
        ["pdq-fast", "pdq-reference", "jpeg", "png", "find-100k", "message", "list-file"];

    /// <summary>The case, set up once.</summary>
    public GateCase this[string name]
    {
        get
        {
            if (!_open.TryGetValue(name, out GateCase? opened))
            {
                opened = Open(name);
                _open.Add(name, opened);
            }

            return opened;
        }
    }

    /// <summary>Draws the pictures that both sides read.</summary>
    public static void Draw(string pictures)
    {
        File.WriteAllBytes(Picture(pictures, "jpg"), NoisePictures.Jpeg(Side, Side, 85, isProgressive: false));
        using Image image = Image.NewFromMemory(
            NoisePictures.Rgb(Side, Side, 1), Side, Side, 3, Enums.BandFormat.Uchar);
        using Image typed = image.Copy(interpretation: Enums.Interpretation.Srgb);
        File.WriteAllBytes(Picture(pictures, "png"), typed.PngsaveBuffer(filter: Enums.ForeignPngFilter.All));
    }

    public void Dispose()
    {
        foreach (IDisposable opened in _open.Values.OfType<IDisposable>())
        {
            opened.Dispose();
        }

        _server?.Dispose();
    }

    private static string Picture(string folder, string extension) =>
        Path.Combine(folder, $"{Side}.{extension}");

    // One for all: two servers must not share a store's folder.
    private GateServer Server() => _server ??= GateServer.StartAsync(_list).GetAwaiter().GetResult();

    private GateCase Open(string name) => name switch
    {
        "pdq-fast" => new PdqCase(PdqFidelity.Fast),
        "pdq-reference" => new PdqCase(PdqFidelity.Reference),
        "jpeg" => new UploadCase(Picture(pictures, "jpg")),
        "png" => new UploadCase(Picture(pictures, "png")),
        "find-100k" => new FindCase(_list),
        "find-1m" => new FindCase(new GateList(lists, 1_000_000)),
        "message" => new MessageCase(_list),
        "list-file" => new ListFileCase(),
        "serve-match" => ServedCase.Match(Server(), Picture(pictures, "jpg")),
        "serve-hashes" => ServedCase.Hashes(Server(), _list),
        _ => throw new InvalidOperationException($"There is no case {name}."),
    };
}
