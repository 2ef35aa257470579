using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// Few rows, all of which are looked at: of 64 rows the first few bits in one vector, the next few in another, each
/// replaced by how many differ with one table lookup. So many planes are summed as tell nearly every unrelated row
/// apart; the rows that are left are compared whole. One thread may add while others ask for the rows they know of.
/// </summary>
internal sealed unsafe partial class HashPlanes : IDisposable
{
    private const int BlockRows = 64;

    // The sum of a row's planes is a byte.
    private const int PlaneBits = 252;
    private const int MostPlanes = PlaneBits / 4;

    // Of b random bits b / 2 differ, give or take sqrt(b) / 2; three and a half times that leaves one row of 4,000.
    private const double Deviations = 3.5;

    private readonly HashRows _hashes;
    private readonly NativeBlock _planes;
    private readonly int _bits;
    private readonly byte[] _planesFor = new byte[257];

    /// <param name="hashes">Shuffled rows; owned from here on.</param>
    /// <param name="width">Which kernels.</param>
    /// <exception cref="IndexTooLargeException">The system does not give the memory.</exception>
    public HashPlanes(HashRows hashes, VectorWidth width)
    {
        _hashes = hashes;
        Width = width == VectorWidth.Vector512 && !Avx512Vbmi.IsSupported ? VectorWidth.Vector256 : width;
        _bits = Width == VectorWidth.Vector512 ? 6 : 4;
        _planes = new NativeBlock(PlaneBytes(hashes.Capacity, _bits));
        for (int distance = 0; distance < _planesFor.Length; distance++)
        {
            _planesFor[distance] = (byte)PlanesFor(distance, _bits);
        }

        for (int row = 0; row < hashes.Count; row++)
        {
            Spread(row, hashes.First[row]);
        }
    }

    /// <summary>Which kernels it uses.</summary>
    public VectorWidth Width { get; }

    /// <summary>Bytes of native memory that it holds.</summary>
    public long Bytes => _hashes.Bytes + _planes.Bytes;

    /// <summary>The most that so many rows take, whatever the kernels.</summary>
    public static long Estimate(long rows) => (rows * sizeof(HashValue)) + PlaneBytes(rows, 4);

    /// <summary>Adds a row behind the last.</summary>
    /// <exception cref="InvalidOperationException">It is full.</exception>
    public void Add(in HashValue shuffled)
    {
        int row = _hashes.Count;
        _hashes.Add(shuffled);
        Spread(row, shuffled);
    }

    /// <summary>Adds every row below <paramref name="count"/> that is near enough.</summary>
    /// <param name="query">Shuffled.</param>
    /// <param name="maxDistance">0 to 256.</param>
    /// <param name="count">Rows that are there for the caller.</param>
    /// <param name="found">Added to.</param>
    public void Find(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        switch (Width)
        {
            case VectorWidth.Vector512:
                FindVector512(query, maxDistance, count, found);
                break;
            case VectorWidth.Vector256:
                FindVector256(query, maxDistance, count, found);
                break;
            case VectorWidth.Vector128:
                FindVector128(query, maxDistance, count, found);
                break;
            default:
                RowScan.Find(_hashes.First, count, query, maxDistance, found);
                break;
        }
    }

    public void Dispose()
    {
        _planes.Dispose();
        _hashes.Dispose();
    }

    // Whole steps of two blocks.
    private static long PlaneBytes(long rows, int bits) =>
        (rows + (2 * BlockRows) - 1) / (2 * BlockRows) * (2 * BlockRows) * (PlaneBits / bits);

    private static int PlanesFor(int distance, int bits)
    {
        int planes = 1;
        for (; planes < PlaneBits / bits; planes++)
        {
            double summed = planes * bits;
            if ((summed / 2) - (Deviations * Math.Sqrt(summed) / 2) >= distance)
            {
                break;
            }
        }

        return planes;
    }

    private byte* Block(int row) => _planes.Start + ((long)(row / BlockRows) * BlockRows * (PlaneBits / _bits));

    private void Spread(int row, in HashValue shuffled)
    {
        byte* lane = Block(row) + (row % BlockRows);
        for (int plane = 0; plane < PlaneBits / _bits; plane++)
        {
            lane[plane * BlockRows] = Part(shuffled, plane);
        }
    }

    // The bits of a row that a plane holds.
    private byte Part(in HashValue shuffled, int plane)
    {
        ref ulong words = ref Unsafe.As<HashValue, ulong>(ref Unsafe.AsRef(in shuffled));
        int offset = plane * _bits;
        int word = offset >> 6;
        ulong low = Unsafe.Add(ref words, word) >> (offset & 63);
        ulong high = Unsafe.Add(ref words, (word + 1) & 3) << 1 << (63 - (offset & 63));
        return (byte)((low | high) & ((1u << _bits) - 1));
    }

    // The lanes of near rows, one bit each.
    private void Check(ulong lanes, int row, in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int near = row + BitOperations.TrailingZeroCount(lanes);
            if (near >= count)
            {
                return;
            }

            int distance = RowScan.Distance(_hashes.First[near], query);
            if (distance <= maxDistance)
            {
                found.Add(new NearRow(near, distance));
            }
        }
    }
}
