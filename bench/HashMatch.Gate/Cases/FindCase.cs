using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Pdq;

namespace HashMatch.Gate.Cases;

/// <summary>One query of the index; every other one is near an entry.</summary>
internal sealed class FindCase(GateList list) : GateCase, IDisposable
{
    private const int Queries = 4096;

    private readonly GateIndex _index = GateIndex.LoadAsync(list).GetAwaiter().GetResult();
    private readonly List<Candidate> _candidates = [];
    private readonly QueryHash[] _queries =
    [
        .. list.Queries(Queries).Select(value => new QueryHash(value.ToPdq(), Orientation.Original, 100)),
    ];

    private int _next;

    public override int CountedOperations => 512;

    public override void Run()
    {
        int place = _next++ % Queries;
        _candidates.Clear();
        _index.Index.Find(_queries[place], _candidates);
        if (place % 2 == 0 && _candidates.Count == 0)
        {
            throw new InvalidOperationException("An entry was not found.");
        }
    }

    public void Dispose() => _index.Dispose();
}
