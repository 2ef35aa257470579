using HashMatch.Pdq;

namespace HashMatch.Matching.Index;

/// <summary>
/// An immutable snapshot of the active versions of all enabled lists, answering exactly: every entry within its list's
/// threshold, none missed, none extra. Readers share it without a lock.
/// </summary>
public sealed class HashIndex
{
    private HashIndex(long generation, IReadOnlyList<IndexedList> lists)
    {
        Generation = generation;
        Lists = lists;
    }

    /// <summary>Rises with every snapshot that a process publishes.</summary>
    public long Generation { get; }

    /// <summary>The lists that are looked up, by name; shadow lists included. A candidate names them by place.</summary>
    public IReadOnlyList<IndexedList> Lists { get; }

    /// <summary>Builds a snapshot; disabled lists and lists without an active version are left out.</summary>
    public static HashIndex Build(long generation, IReadOnlyList<IndexedList> lists) => new(generation, lists);

    /// <summary>Whether any enabled list holds entries of this type.</summary>
    public bool Holds(HashType type) => throw new NotSupportedException();

    /// <summary>Adds every PDQ entry within its list's threshold, of lists whose minimum quality allows it.</summary>
    /// <param name="hash">The query.</param>
    /// <param name="quality">0 to 100.</param>
    /// <param name="candidates">Added to; order is not defined.</param>
    public void Find(PdqHash hash, int quality, List<Candidate> candidates) => throw new NotSupportedException();

    /// <summary>Adds every digest entry that is equal.</summary>
    /// <param name="type">Not Pdq.</param>
    /// <param name="digest">As many bytes as the type has.</param>
    /// <param name="candidates">Added to.</param>
    public void Find(HashType type, ReadOnlySpan<byte> digest, List<Candidate> candidates) =>
        throw new NotSupportedException();
}
