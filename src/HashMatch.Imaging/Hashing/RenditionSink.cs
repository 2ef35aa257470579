using HashMatch.Pdq;

namespace HashMatch.Imaging.Hashing;

/// <summary>
/// Hashes one picture in one pass as it is and, from the first row that is not all opaque, over white and over black;
/// meanwhile looks for a border.
/// </summary>
/// <param name="options">The fidelity, and whether a border is looked for.</param>
/// <param name="upright">What EXIF says must be done to the stored pixels.</param>
internal sealed class RenditionSink(HashOptions options, Orientation upright) : IPictureSink, IDisposable
{
    private IHashing? _whole;
    private IHashing? _overWhite;
    private IHashing? _overBlack;
    private float[] _white = [];
    private float[] _black = [];
    private BorderFinder? _border;

    /// <summary>What can be cut off, once all rows are in.</summary>
    public Border Border => _border?.Find() ?? default;

    public void Start(in PictureShape shape)
    {
        Dispose();
        _whole = options.Fidelity == PdqFidelity.Fast ? new FoldedPicture(upright) : new KeptPicture(upright);
        _whole.Start(shape);
        _border = options.Trim ? new BorderFinder(shape) : null;
    }

    public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha)
    {
        if (_overWhite is null && alpha.ContainsAnyExcept(byte.MaxValue))
        {
            _overWhite = _whole!.Fork();
            _overBlack = _whole.Fork();
            _white = ScrubbedArrays<float>.Rent(luma.Length);
            _black = ScrubbedArrays<float>.Rent(luma.Length);
        }

        _whole!.Add(luma);
        if (_overWhite is not null)
        {
            Span<float> black = _black.AsSpan(0, luma.Length);
            Span<float> white = _white.AsSpan(0, luma.Length);
            AlphaBlend.OverBoth(luma, alpha, black, white);
            _overWhite.Add(white);
            _overBlack!.Add(black);
        }

        _border?.Add(luma);
    }

    /// <summary>Hashes the picture, once all rows are in; once.</summary>
    /// <param name="frame">The number that the renditions carry.</param>
    /// <param name="kind">What the whole picture is.</param>
    /// <param name="renditions">Gets it, then the blends that are not the same.</param>
    public void Hash(int frame, RenditionKind kind, List<Rendition> renditions)
    {
        Rendition whole = Of(_whole!, frame, kind);
        renditions.Add(whole);
        if (_overWhite is not null)
        {
            AddOther(whole, Of(_overWhite, frame, RenditionKind.OverWhite), renditions);
            AddOther(whole, Of(_overBlack!, frame, RenditionKind.OverBlack), renditions);
        }
    }

    /// <summary>Adds a rendition that says more than the whole picture.</summary>
    public static void AddOther(in Rendition whole, in Rendition other, List<Rendition> renditions)
    {
        if (other.AsStored[Orientation.Original] != whole.AsStored[Orientation.Original]
            || other.AsStored.Quality > whole.AsStored.Quality)
        {
            renditions.Add(other);
        }
    }

    public void Dispose()
    {
        _whole?.Dispose();
        _overWhite?.Dispose();
        _overBlack?.Dispose();
        _border?.Forget();
        (_whole, _overWhite, _overBlack, _border) = (null, null, null, null);
        ScrubbedArrays<float>.Return(_white);
        ScrubbedArrays<float>.Return(_black);
        (_white, _black) = ([], []);
    }

    private static Rendition Of(IHashing picture, int frame, RenditionKind kind)
    {
        (DihedralHashes upright, DihedralHashes stored) = picture.Hash();
        return new Rendition(frame, kind, upright, stored);
    }
}
