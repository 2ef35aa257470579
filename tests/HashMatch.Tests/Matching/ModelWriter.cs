using HashMatch.Matching.Index;
using HashMatch.Pdq;

namespace HashMatch.Tests.Matching;

/// <summary>Changes some lists at random, one change at a time.</summary>
internal sealed class ModelWriter
{
    private readonly Random _random;
    private readonly List<ListModel> _lists = [];
    private int _named;

    public ModelWriter(Random random)
    {
        _random = random;
        Centres = [.. Enumerable.Range(0, 3).Select(_ => Samples.Pdq(random))];
    }

    /// <summary>What entries and queries are near to.</summary>
    public PdqHash[] Centres { get; }

    /// <summary>The lists as they are now.</summary>
    public ModelList[] Lists => [.. _lists.Select(list => list.Now)];

    /// <summary>What an index is made of.</summary>
    public IndexedList[] Indexed => [.. _lists.Select(list => list.Now.Indexed)];

    /// <summary>Adds, removes, loads, edits or rolls back one list, or changes its policy.</summary>
    public void Change()
    {
        int what = _random.Next(20);
        if (_lists.Count == 0 || (what == 0 && _lists.Count < 4))
        {
            ListModel added = new($"l{_named++}", _random, Centres);
            added.Load(_random.Next(200));
            _lists.Add(added);
            return;
        }

        ListModel list = _lists[_random.Next(_lists.Count)];
        switch (what)
        {
            case 1:
                _lists.Remove(list);
                break;
            case 2:
                list.Load(_random.Next(200));
                break;
            case 3 or 4:
                list.ChangePolicy();
                break;
            case 5 or 6:
                list.RollBack();
                break;
            case 7 or 8:
                list.MergeDeltas();
                break;
            case 9:
                list.Edit(30);
                break;
            default:
                list.Edit(1 + _random.Next(3));
                break;
        }
    }
}
