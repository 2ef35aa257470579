namespace HashMatch.Pdq;

/// <summary>
/// The group of the eight orientations, and their hashes from one DCT. An orientation mirrors top to bottom, or left
/// to right, or both, or neither, and may then transpose. A mirror negates the coefficients of odd frequency, which are
/// those of even index; to transpose the picture is to transpose the coefficients.
/// </summary>
public static unsafe class Dihedral
{
    private const int Side = Dct64To16.Side;
    private const int MirrorsRows = 1;
    private const int MirrorsColumns = 2;
    private const int Transposes = 4;

    /// <summary>The parts of each orientation.</summary>
    private static ReadOnlySpan<byte> Parts =>
    [
        0,
        MirrorsColumns | Transposes,
        MirrorsRows | MirrorsColumns,
        MirrorsRows | Transposes,
        MirrorsRows,
        MirrorsColumns,
        Transposes,
        MirrorsRows | MirrorsColumns | Transposes,
    ];

    /// <summary>The orientation of every set of parts.</summary>
    private static ReadOnlySpan<Orientation> OfParts =>
    [
        Orientation.Original,
        Orientation.FlippedX,
        Orientation.FlippedY,
        Orientation.Rotated180,
        Orientation.FlippedPlus1,
        Orientation.Rotated270,
        Orientation.Rotated90,
        Orientation.FlippedMinus1,
    ];

    /// <summary>The orientation that undoes another.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not an orientation.</exception>
    public static Orientation Inverse(Orientation orientation) => Require(orientation) switch
    {
        Orientation.Rotated90 => Orientation.Rotated270,
        Orientation.Rotated270 => Orientation.Rotated90,
        _ => orientation,
    };

    /// <summary>
    /// The orientation that comes of one followed by another: the picture is turned by <paramref name="first"/>, and
    /// what that gives by <paramref name="second"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not an orientation.</exception>
    public static Orientation Compose(Orientation first, Orientation second)
    {
        int before = Parts[(int)Require(first)];
        int after = Parts[(int)Require(second)];
        if ((before & Transposes) != 0)
        {
            // After a transpose a mirror of rows is what a mirror of columns was before it.
            after = (after & Transposes)
                | ((after & MirrorsRows) != 0 ? MirrorsColumns : 0)
                | ((after & MirrorsColumns) != 0 ? MirrorsRows : 0);
        }

        return OfParts[before ^ after];
    }

    /// <summary>What an orientation does: mirrors left to right, then top to bottom, then transposes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not an orientation.</exception>
    internal static (bool MirrorsColumns, bool MirrorsRows, bool Transposes) PartsOf(Orientation orientation)
    {
        int parts = Parts[(int)Require(orientation)];
        return ((parts & MirrorsColumns) != 0, (parts & MirrorsRows) != 0, (parts & Transposes) != 0);
    }

    /// <summary>The hashes of all orientations: four medians, since a transpose changes none.</summary>
    /// <param name="coefficients">16 x 16 of the picture as it is.</param>
    /// <param name="quality">0 to 100.</param>
    /// <param name="vectors">Must be supported.</param>
    internal static DihedralHashes Hashes(float* coefficients, int quality, VectorWidth vectors)
    {
        Span<PdqHash> hashes = stackalloc PdqHash[DihedralHashes.Count];
        float* mirrored = stackalloc float[Dct64To16.Count];
        for (int mirrors = 0; mirrors < Transposes; mirrors++)
        {
            Mirror(coefficients, mirrors, mirrored);
            PdqHash hash = CoefficientBits.Hash(mirrored, vectors);
            hashes[(int)OfParts[mirrors]] = hash;
            hashes[(int)OfParts[mirrors | Transposes]] = Transpose(hash);
        }

        return new DihedralHashes(hashes, quality);
    }

    private static void Mirror(float* coefficients, int mirrors, float* mirrored)
    {
        uint evenRows = (mirrors & MirrorsRows) != 0 ? 1u << 31 : 0;
        uint evenColumns = (mirrors & MirrorsColumns) != 0 ? 1u << 31 : 0;
        for (int i = 0; i < Side; i++)
        {
            uint signs = i % 2 == 0 ? evenRows : 0;
            uint* from = (uint*)(coefficients + (i * Side));
            uint* to = (uint*)(mirrored + (i * Side));
            for (int j = 0; j < Side; j += 2)
            {
                to[j] = from[j] ^ signs ^ evenColumns;
                to[j + 1] = from[j + 1] ^ signs;
            }
        }
    }

    /// <summary>
    /// Bit 16 i + j to bit 16 j + i: squares of 8, 4, 2 and 1 bits change places across the diagonal.
    /// </summary>
    private static PdqHash Transpose(PdqHash hash)
    {
        ulong word0 = hash.Word0, word1 = hash.Word1, word2 = hash.Word2, word3 = hash.Word3;
        Swap(ref word0, ref word2, 8, 0x00ff_00ff_00ff_00ff);
        Swap(ref word1, ref word3, 8, 0x00ff_00ff_00ff_00ff);
        Swap(ref word0, ref word1, 4, 0x0f0f_0f0f_0f0f_0f0f);
        Swap(ref word2, ref word3, 4, 0x0f0f_0f0f_0f0f_0f0f);
        return new PdqHash(SwapWithin(word0), SwapWithin(word1), SwapWithin(word2), SwapWithin(word3));
    }

    private static void Swap(ref ulong upper, ref ulong lower, int columns, ulong mask)
    {
        ulong different = ((upper >> columns) ^ lower) & mask;
        lower ^= different;
        upper ^= different << columns;
    }

    private static ulong SwapWithin(ulong word)
    {
        ulong different = ((word >> 2) ^ (word >> 32)) & 0x0000_0000_3333_3333;
        word ^= (different << 2) ^ (different << 32);
        different = ((word >> 1) ^ (word >> 16)) & 0x0000_5555_0000_5555;
        return word ^ (different << 1) ^ (different << 16);
    }

    private static Orientation Require(Orientation orientation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)orientation, Parts.Length, nameof(orientation));
        return orientation;
    }
}
