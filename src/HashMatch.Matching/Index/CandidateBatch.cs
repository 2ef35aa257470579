using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace HashMatch.Matching.Index;

/// <summary>
/// Takes what a scan of signatures lets pass and reports the rows that are near. Three steps, each prefetching for the
/// next: the place of a row's number, the number, the row. Each step is made for a batch, so that the misses overlap.
/// </summary>
internal unsafe struct CandidateBatch
{
    /// <summary>Words of scratch memory that it needs.</summary>
    public const int ScratchWords = 2 * Capacity;

    private const int Capacity = 192;
    private const int ChunkShift = 48;

    private readonly ulong* _places;
    private readonly ulong* _rows;
    private readonly uint* _ids;
    private readonly HashRows _hashes;
    private readonly HashValue _query;
    private readonly int _maxDistance;
    private readonly SearchPlan _plan;
    private readonly List<NearRow> _found;
    private readonly int _before;
    private int _placeCount;
    private int _rowCount;
    private long _checksLeft;

    /// <param name="scratch"><see cref="ScratchWords"/>.</param>
    /// <param name="ids">Row numbers, by place.</param>
    /// <param name="hashes">Shuffled.</param>
    /// <param name="query">Shuffled.</param>
    /// <param name="maxDistance">0 to 256.</param>
    /// <param name="plan">Whose candidates these are.</param>
    /// <param name="mostChecks">Rows that are looked at before it gives up, and reads all of them instead.</param>
    /// <param name="found">Added to.</param>
    public CandidateBatch(
        ulong* scratch, uint* ids, HashRows hashes, in HashValue query, int maxDistance, SearchPlan plan,
        long mostChecks, List<NearRow> found)
    {
        _places = scratch;
        _rows = scratch + Capacity;
        _ids = ids;
        _hashes = hashes;
        _query = query;
        _maxDistance = maxDistance;
        _plan = plan;
        _checksLeft = mostChecks;
        _found = found;
        _before = found.Count;
    }

    /// <summary>When it is there it gets chunk and row of all candidates.</summary>
    public List<(int Chunk, int Row)>? Trace { get; init; }

    /// <summary>Whether there were too many to look at, so that no more are needed.</summary>
    public readonly bool IsExhausted => _checksLeft < 0;

    /// <summary>What tells candidates of a chunk, from a place in the row numbers on.</summary>
    public static ulong Tag(int chunk, ulong place) => ((ulong)chunk << ChunkShift) | place;

    /// <summary>Takes one candidate for each bit that is set, that many places behind the tag's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Add(ulong tag, uint mask)
    {
        if (_placeCount > Capacity - 32)
        {
            Advance();
        }

        ulong* places = _places + _placeCount;
        _placeCount += BitOperations.PopCount(mask);
        for (; mask != 0; mask &= mask - 1)
        {
            ulong place = tag + (uint)BitOperations.TrailingZeroCount(mask);
            *places++ = place;
            Prefetch(_ids + PlaceOf(place));
        }
    }

    /// <summary>Looks at the rows that were fetched, and fetches those whose numbers were.</summary>
    public void Advance()
    {
        if ((_placeCount | _rowCount) == 0)
        {
            return;
        }

        CheckRows();
        HashValue* hashes = _hashes.First;
        for (int i = 0; i < _placeCount; i++)
        {
            ulong place = _places[i];
            uint row = _ids[PlaceOf(place)];
            _rows[i] = Tag((int)(place >> ChunkShift), row);
            Prefetch(hashes + row);
        }

        _rowCount = _placeCount;
        _placeCount = 0;
    }

    /// <summary>Looks at all that is left.</summary>
    public void Finish()
    {
        Advance();
        Advance();
        if (IsExhausted)
        {
            CollectionsMarshal.SetCount(_found, _before);
            RowScan.Find(_hashes.First, _hashes.Count, _query, _maxDistance, _found);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    private static ulong PlaceOf(ulong tagged) => tagged & ((1ul << ChunkShift) - 1);

    private void CheckRows()
    {
        _checksLeft -= _rowCount;
        if (IsExhausted)
        {
            return;
        }

        for (int i = 0; Trace is not null && i < _rowCount; i++)
        {
            Trace.Add(((int)(_rows[i] >> ChunkShift), (int)PlaceOf(_rows[i])));
        }

        HashValue* hashes = _hashes.First;
        for (int i = 0; i < _rowCount; i++)
        {
            int row = (int)PlaceOf(_rows[i]);
            HashValue* hash = hashes + row;
            HashValue difference = new(
                _query.A ^ hash->A, _query.B ^ hash->B, _query.C ^ hash->C, _query.D ^ hash->D);
            int distance = BitOperations.PopCount(difference.A) + BitOperations.PopCount(difference.B)
                + BitOperations.PopCount(difference.C) + BitOperations.PopCount(difference.D);
            if (distance <= _maxDistance && _plan.IsFirst(difference, (int)(_rows[i] >> ChunkShift)))
            {
                _found.Add(new NearRow(row, distance));
            }
        }
    }
}
