namespace HashMatch.Pdq;

/// <summary>Luma to PDQ hash.</summary>
public static partial class PdqHasher
{
    /// <summary>Hashes a picture.</summary>
    /// <param name="luma">Any size; under 5 pixels on a side gives the zero hash with quality 0.</param>
    /// <param name="fidelity"><see cref="PdqFidelity.Reference"/> needs full-size luma.</param>
    /// <exception cref="ArgumentException">Reference fidelity on a reduced decode.</exception>
    public static PdqResult Hash(Luma luma, PdqFidelity fidelity) => throw new NotSupportedException();

    /// <summary>Hashes all eight orientations of a picture from one DCT.</summary>
    /// <inheritdoc cref="Hash"/>
    public static DihedralHashes HashDihedral(Luma luma, PdqFidelity fidelity) => throw new NotSupportedException();
}
