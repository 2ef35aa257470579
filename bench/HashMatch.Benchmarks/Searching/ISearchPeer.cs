using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Benchmarks.Searching;

/// <summary>What the index is compared with: exact, on one thread, over the same hashes.</summary>
internal interface ISearchPeer : IDisposable
{
    /// <summary>For the table.</summary>
    string Name { get; }

    /// <summary>Bytes that it holds.</summary>
    long Bytes { get; }

    /// <summary>Adds every row within a distance, inclusive.</summary>
    void Find(in HashValue query, int maxDistance, List<NearRow> found);
}
