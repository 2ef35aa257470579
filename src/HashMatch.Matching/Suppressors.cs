using HashMatch.Matching.Index;

namespace HashMatch.Matching;

/// <summary>
/// What negative lists know of one upload. A digest on a negative list says what the file is, so it suppresses whatever
/// the upload matches; a hash near to one of its entries says what that hash shows, so it suppresses what that hash
/// matches and nothing else: neither digests nor other frames, renditions and orientations.
/// </summary>
internal sealed class Suppressors(HashIndex index)
{
    private readonly HashIndex _index = index;
    private readonly List<Suppressor> _found = [];
    private int _ofDigests;

    /// <summary>Adds what the digests found, or the hash in hand.</summary>
    public void Add(Candidate entry) =>
        _found.Add(new Suppressor(entry, _index.Lists[entry.List].Policy.Shadow));

    /// <summary>Says that what was added so far is of digests, and stays.</summary>
    public void EndDigests() => _ofDigests = _found.Count;

    /// <summary>Lets go of what a hash found, for the next one.</summary>
    public void EndHash() => _found.RemoveRange(_ofDigests, _found.Count - _ofDigests);

    /// <summary>
    /// What suppresses matches of a list; null when nothing does. One that does comes before one that only would,
    /// digests before hashes, then lists by name.
    /// </summary>
    public Suppressor? Of(int list)
    {
        string name = _index.Lists[list].Name;
        Suppressor? first = null;
        foreach (Suppressor each in _found)
        {
            if (_index.Lists[each.Entry.List].Policy.Suppresses.Covers(name)
                && (first is null || (first.Shadow && !each.Shadow)))
            {
                first = each;
            }
        }

        return first;
    }
}
