using HashMatch.Pdq;

namespace HashMatch.Imaging.Hashing;

/// <summary>
/// <see cref="PdqFidelity.Fast"/>: rows go into the folded filter and are gone. Where EXIF turns the picture, a second
/// filter takes the same rows and hashes them turned.
/// </summary>
/// <param name="upright">What must be done to the stored pixels.</param>
internal sealed class FoldedPicture(Orientation upright) : IHashing
{
    private readonly TentAccumulator _stored = new();
    private readonly TentAccumulator? _turned = upright == Orientation.Original ? null : new();

    public void Start(in PictureShape shape)
    {
        Start(_stored, shape, Orientation.Original);
        if (_turned is not null)
        {
            Start(_turned, shape, upright);
        }
    }

    public void Add(ReadOnlySpan<float> row)
    {
        _stored.Add(row);
        _turned?.Add(row);
    }

    public IHashing Fork()
    {
        var fork = new FoldedPicture(upright);
        fork._stored.StartFrom(_stored);
        if (_turned is not null)
        {
            fork._turned!.StartFrom(_turned);
        }

        return fork;
    }

    public (DihedralHashes Upright, DihedralHashes AsStored) Hash()
    {
        DihedralHashes stored = _stored.HashDihedral();
        return (_turned?.HashDihedral() ?? stored, stored);
    }

    public void Dispose()
    {
        _stored.Dispose();
        _turned?.Dispose();
    }

    private static void Start(TentAccumulator accumulator, in PictureShape shape, Orientation turn) =>
        accumulator.Start(
            shape.Width,
            shape.Height,
            shape.SourceWidth,
            shape.SourceHeight,
            shape.ScaleX,
            shape.ScaleY,
            turn);
}
