using HashMatch.Matching;

namespace HashMatch.Benchmarks.Searching;

/// <summary>A data set that can be read again from any place, so that nobody must keep a copy of it.</summary>
internal interface IHashSource
{
    /// <summary>What it is, for the table.</summary>
    string Name { get; }

    /// <summary>Hashes.</summary>
    long Count { get; }

    /// <summary>Writes the hashes from one on.</summary>
    void Fill(long first, Span<HashValue> hashes);

    /// <summary>A hash that is like those of the set, and of no entry.</summary>
    HashValue Unrelated(ref RandomBits random);
}
