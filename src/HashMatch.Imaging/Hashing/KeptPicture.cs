using HashMatch.Pdq;

namespace HashMatch.Imaging.Hashing;

/// <summary>
/// <see cref="PdqFidelity.Reference"/>: the whole picture is kept, since the reference's order of operations goes over
/// it more than once.
/// </summary>
/// <param name="upright">What must be done to the stored pixels.</param>
internal sealed class KeptPicture(Orientation upright) : IHashing
{
    private readonly LumaSink _sink = new();
    private int _rows;

    public void Start(in PictureShape shape)
    {
        _sink.Start(shape);
        _rows = 0;
    }

    public void Add(ReadOnlySpan<float> row)
    {
        _sink.Add(row, []);
        _rows++;
    }

    public IHashing Fork()
    {
        Luma luma = _sink.Luma!;
        var fork = new KeptPicture(upright);
        fork.Start(new PictureShape
        {
            Width = luma.Width,
            Height = luma.Height,
            SourceWidth = luma.SourceWidth,
            SourceHeight = luma.SourceHeight,
            ScaleX = luma.ScaleX,
            ScaleY = luma.ScaleY,
        });
        for (int y = 0; y < _rows; y++)
        {
            fork.Add(luma.Row(y));
        }

        return fork;
    }

    public (DihedralHashes Upright, DihedralHashes AsStored) Hash()
    {
        DihedralHashes stored = PdqHasher.HashDihedral(_sink.Luma!, PdqFidelity.Reference);
        if (upright == Orientation.Original)
        {
            return (stored, stored);
        }

        using Luma turned = _sink.Luma!.Turned(upright);
        return (PdqHasher.HashDihedral(turned, PdqFidelity.Reference), stored);
    }

    public void Dispose() => _sink.Dispose();
}
