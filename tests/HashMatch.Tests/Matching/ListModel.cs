using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>
/// A list that is edited at random, as the catalog edits one, with the entries of each version kept by hand.
/// </summary>
internal sealed class ListModel(string name, Random random, PdqHash[] centres)
{
    private readonly List<ListSegment> _base = [];
    private readonly List<ListSegment> _deltas = [];
    private Dictionary<EntryKey, HashEntry> _live = [];
    private VersionContent? _content;
    private MatchPolicy _policy = new();
    private Snapshot? _rolledBackTo;
    private long _version;

    /// <summary>What the list is now: what an index gets, and what it must find.</summary>
    public ModelList Now => new(
        new IndexedList(name, _version, _policy, _content!), _live);

    /// <summary>New content from scratch.</summary>
    public void Load(int entries)
    {
        Remember();
        _live = Entries(entries).ToDictionary(Samples.KeyOf);
        _base.Clear();
        _deltas.Clear();
        _base.AddRange(Contents.Segments(_live.Values, null, 12_000));
        Lay();
    }

    /// <summary>A delta of upserts and tombstones.</summary>
    public void Edit(int changes)
    {
        Remember();
        List<HashEntry> added = Entries(random.Next(changes + 1));
        EntryKey[] known = [.. _live.Keys.OrderBy(_ => random.Next()).Take(changes)];
        added.AddRange(known.Where(_ => random.Next(2) == 0)
            .Select(key => _live[key] with { ExternalId = $"{name}-again-{random.Next()}" }));
        added = [.. added.DistinctBy(Samples.KeyOf)];
        EntryKey[] removed = [.. known.Except(added.Select(Samples.KeyOf))];
        if (added.Count + removed.Length == 0)
        {
            return;
        }

        _deltas.AddRange(Contents.Segments(added, removed));
        _live = new Dictionary<EntryKey, HashEntry>(_live);
        added.ForEach(entry => _live[Samples.KeyOf(entry)] = entry);
        Array.ForEach(removed, key => _live.Remove(key));
        Lay();
    }

    /// <summary>The last deltas become one, as they do when they are many.</summary>
    public void MergeDeltas()
    {
        if (_deltas.Count == 0)
        {
            return;
        }

        int first = random.Next(_deltas.Count);
        List<ListSegment> merged = _deltas[first..];
        List<HashEntry> added = [];
        List<EntryKey> removed = [];
        foreach ((ListSegment segment, int row) in SegmentMerge.Rows(merged))
        {
            if (segment.IsTombstone(row))
            {
                removed.Add(segment.KeyAt(row));
            }
            else
            {
                added.Add(segment.EntryAt(row));
            }
        }

        _deltas.RemoveRange(first, merged.Count);
        _deltas.AddRange(Contents.Segments(added, removed));
        Lay();
    }

    /// <summary>Back to what was there before the last load or edit.</summary>
    public void RollBack()
    {
        if (_rolledBackTo is { } old)
        {
            Remember();
            _base.Clear();
            _base.AddRange(old.Base);
            _deltas.Clear();
            _deltas.AddRange(old.Deltas);
            _live = old.Live;
            Lay();
        }
    }

    public void ChangePolicy() => _policy = new MatchPolicy
    {
        Enabled = random.Next(4) > 0,
        Shadow = random.Next(4) == 0,
        MaxDistance = random.Next(3) == 0 ? random.Next(64) : 31,
        MinQuality = random.Next(3) == 0 ? random.Next(101) : 50,
        Trim = random.Next(3) > 0,
        Action = random.Next(2) == 0 ? MatchAction.Block : MatchAction.Review,
    };

    private void Remember()
    {
        if (_content is not null)
        {
            _rolledBackTo = new Snapshot([.. _base], [.. _deltas], _live);
        }
    }

    private void Lay()
    {
        _version++;
        _content = VersionContent.CreateAfter(_content, _base, _deltas);
        VersionContent anew = VersionContent.Create(_base, _deltas);
        Assert.Equal(anew.Counts, _content.Counts);
        Assert.Equal(_live.Count, _content.Counts.Total);
        Assert.Equal(LiveRows(anew), LiveRows(_content));
    }

    private static IEnumerable<(ListSegment, int)> LiveRows(VersionContent content) =>
        content.Segments.SelectMany(view => Enumerable.Range(0, view.Segment.Rows)
            .Where(view.IsLive)
            .Select(row => (view.Segment, row)));

    private List<HashEntry> Entries(int count) =>
    [
        .. Enumerable.Range(0, count)
            .Select(i => (Id: $"{name}-{_version}-{i}", Expires: random.Next(4) == 0 ? Expiry() : null))
            .Select(e => random.Next(3) > 0
                ? Samples.Entry(
                    Samples.Near(random, centres[random.Next(centres.Length)], random.Next(45)), e.Id, e.Expires)
                : Samples.Entry(random, Samples.Type(random), e.Id) with { ExpiresAt = e.Expires })
            .DistinctBy(Samples.KeyOf),
    ];

    private DateTimeOffset? Expiry() => ModelList.Now + TimeSpan.FromSeconds(random.Next(-2, 3));

    private sealed record Snapshot(
        List<ListSegment> Base, List<ListSegment> Deltas, Dictionary<EntryKey, HashEntry> Live);
}
