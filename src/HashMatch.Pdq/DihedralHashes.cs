using System.Runtime.CompilerServices;

namespace HashMatch.Pdq;

/// <summary>The hashes of all eight orientations of one picture, and their common quality (0 to 100).</summary>
public readonly struct DihedralHashes
{
    /// <summary>Number of orientations.</summary>
    public const int Count = 8;

    private readonly Eight _hashes;

    /// <param name="hashes">Eight hashes, in the order of <see cref="Orientation"/>.</param>
    /// <param name="quality">0 to 100.</param>
    /// <exception cref="ArgumentException">There are not eight hashes.</exception>
    public DihedralHashes(ReadOnlySpan<PdqHash> hashes, int quality)
    {
        if (hashes.Length != Count)
        {
            throw new ArgumentException("There are eight orientations.", nameof(hashes));
        }

        hashes.CopyTo(_hashes);
        Quality = quality;
    }

    /// <summary>0 to 100.</summary>
    public int Quality { get; }

    /// <summary>The hash of one orientation.</summary>
    public PdqHash this[Orientation orientation] => _hashes[(int)orientation];

    /// <summary>
    /// The same hashes as seen from the picture after <paramref name="turn"/>: its Original is this one's
    /// <paramref name="turn"/>.
    /// </summary>
    public DihedralHashes Reoriented(Orientation turn)
    {
        Span<PdqHash> hashes = stackalloc PdqHash[Count];
        for (int i = 0; i < Count; i++)
        {
            hashes[i] = this[Dihedral.Compose(turn, (Orientation)i)];
        }

        return new DihedralHashes(hashes, Quality);
    }

    [InlineArray(Count)]
    private struct Eight
    {
        private PdqHash _first;
    }
}
