using HashMatch.Pdq;

namespace HashMatch.Matching.Index;

/// <summary>
/// A small table that grows: one thread adds while others ask, each for the rows that it knows of.
/// </summary>
internal sealed class HammingDelta(int capacity) : IDisposable
{
    private readonly HashRows _hashes = new(capacity);

    /// <summary>Rows that were added.</summary>
    public int Count => _hashes.Count;

    public int Capacity => _hashes.Capacity;

    /// <summary>Bytes of native memory that it holds.</summary>
    public long Bytes => _hashes.Bytes;

    /// <summary>Adds a row behind the last; publish the new count with a volatile write.</summary>
    /// <exception cref="InvalidOperationException">It is full.</exception>
    public void Add(in HashValue hash) => _hashes.Add(hash);

    /// <summary>Adds every row below <paramref name="count"/> that is near enough.</summary>
    /// <inheritdoc cref="HammingTable.Find"/>
    public void Find(in HashValue query, int maxDistance, int count, List<NearRow> found)
    {
        PdqHash hash = query.ToPdq();
        for (int row = 0; row < count; row++)
        {
            int distance = _hashes[row].ToPdq().Distance(hash);
            if (distance <= maxDistance)
            {
                found.Add(new NearRow(row, distance));
            }
        }
    }

    public void Dispose() => _hashes.Dispose();
}
