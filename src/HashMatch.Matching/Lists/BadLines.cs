namespace HashMatch.Matching.Lists;

/// <summary>Counts bad lines, and keeps the first ones.</summary>
internal sealed class BadLines(int kept)
{
    private readonly int _kept = kept;
    private readonly List<HashListError> _first = [];

    public long Count { get; private set; }

    public IReadOnlyList<HashListError> First => _first;

    public void Add(HashListError error)
    {
        Count++;
        if (_first.Count < _kept)
        {
            _first.Add(error);
        }
    }
}
