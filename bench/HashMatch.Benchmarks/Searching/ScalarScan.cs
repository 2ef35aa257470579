using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// The best scan without vectors: population counts of 64-bit words, in three orders of reading, of which the quickest
/// on this machine and for these hashes is used.
/// </summary>
internal sealed unsafe class ScalarScan : ISearchPeer
{
    private readonly HashValue* _rows;

    // The first two words of each row, once more: what tells unrelated hashes apart, in half the bytes.
    private readonly (ulong A, ulong B)* _heads;
    private readonly int _count;
    private readonly (string Name, Order Scan)[] _orders;
    private Order _scan;

    /// <param name="source">Copied.</param>
    /// <param name="maxDistance">Which order is best depends on it.</param>
    public ScalarScan(IHashSource source, int maxDistance)
    {
        _count = checked((int)source.Count);
        _rows = (HashValue*)NativeMemory.AlignedAlloc((nuint)Math.Max(_count, 1) * 32, 64);
        _heads = ((ulong, ulong)*)NativeMemory.AlignedAlloc((nuint)Math.Max(_count, 1) * 16, 64);
        for (int first = 0; first < _count; first += GeneratedHashes.BlockRows)
        {
            var rows = new Span<HashValue>(_rows + first, Math.Min(GeneratedHashes.BlockRows, _count - first));
            source.Fill(first, rows);
            for (int i = 0; i < rows.Length; i++)
            {
                _heads[first + i] = (rows[i].A, rows[i].B);
            }
        }

        _orders = [("whole rows", Whole), ("half rows first", Halves), ("half rows apart", Heads)];
        (Name, _scan) = ("", Whole);
        Choose(maxDistance);
    }

    private delegate void Order(in HashValue query, int maxDistance, List<NearRow> found);

    public string Name { get; private set; }

    public long Bytes => _count * (_scan == (Order)Heads ? 48L : 32L);

    public void Find(in HashValue query, int maxDistance, List<NearRow> found) => _scan(query, maxDistance, found);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_heads);
    }

    private void Choose(int maxDistance)
    {
        const int tries = 5;
        HashValue query = new RandomBits(0, 0).Balanced();
        List<NearRow> found = [];
        long best = long.MaxValue;
        foreach ((string name, Order scan) in _orders)
        {
            long fastest = long.MaxValue;
            for (int i = 0; i < tries; i++)
            {
                long start = Stopwatch.GetTimestamp();
                found.Clear();
                scan(query, maxDistance, found);
                fastest = Math.Min(fastest, Stopwatch.GetTimestamp() - start);
                if (i == 0)
                {
                    // The JIT's last tier comes on a timer.
                    Thread.Sleep(150);
                }
            }

            if (fastest < best)
            {
                best = fastest;
                _scan = scan;
                Name = $"scalar scan in C#, {name}";
            }
        }
    }

    private void Whole(in HashValue query, int maxDistance, List<NearRow> found)
    {
        (ulong a, ulong b, ulong c, ulong d) = query;
        HashValue* rows = _rows;
        for (int row = 0; row < _count; row++)
        {
            int distance = BitOperations.PopCount(rows[row].A ^ a) + BitOperations.PopCount(rows[row].B ^ b)
                + BitOperations.PopCount(rows[row].C ^ c) + BitOperations.PopCount(rows[row].D ^ d);
            if (distance <= maxDistance)
            {
                found.Add(new NearRow(row, distance));
            }
        }
    }

    private void Halves(in HashValue query, int maxDistance, List<NearRow> found)
    {
        (ulong a, ulong b, ulong c, ulong d) = query;
        HashValue* rows = _rows;
        for (int row = 0; row < _count; row++)
        {
            int distance = BitOperations.PopCount(rows[row].A ^ a) + BitOperations.PopCount(rows[row].B ^ b);
            if (distance <= maxDistance)
            {
                distance += BitOperations.PopCount(rows[row].C ^ c) + BitOperations.PopCount(rows[row].D ^ d);
                if (distance <= maxDistance)
                {
                    found.Add(new NearRow(row, distance));
                }
            }
        }
    }

    private void Heads(in HashValue query, int maxDistance, List<NearRow> found)
    {
        (ulong a, ulong b, ulong c, ulong d) = query;
        (ulong A, ulong B)* heads = _heads;
        for (int row = 0; row < _count; row++)
        {
            int distance = BitOperations.PopCount(heads[row].A ^ a) + BitOperations.PopCount(heads[row].B ^ b);
            if (distance <= maxDistance)
            {
                distance += BitOperations.PopCount(_rows[row].C ^ c) + BitOperations.PopCount(_rows[row].D ^ d);
                if (distance <= maxDistance)
                {
                    found.Add(new NearRow(row, distance));
                }
            }
        }
    }
}
