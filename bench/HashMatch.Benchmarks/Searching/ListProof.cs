using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// The index that the service asks beside brute force: one list for each threshold, all of the same segments, so that
/// one look-up is answered for all of them. Equal hashes are one entry of a list.
/// </summary>
internal sealed class ListProof(SearchOptions options, IHashSource source, BitPlanes planes)
{
    private const int BlockQueries = 64;
    private const int Thresholds = BitPlanes.MaxDistance + 1;

    private readonly Dictionary<HashValue, int> _expected = [];
    private readonly HashSet<(int List, HashValue Value)> _answered = [];

    /// <summary>Queries that were asked, each of all lists.</summary>
    public int Queries { get; private set; }

    /// <summary>Queries of one list that were answered otherwise than by brute force.</summary>
    public long Different { get; private set; }

    /// <summary>Asks one of sixteen queries of the proof, on one thread.</summary>
    public void Run()
    {
        VersionContent content = VersionContent.Create(SourceSegments.Read(source), []);
        IndexedList[] lists = [.. Enumerable.Range(0, Thresholds).Select(threshold =>
            new IndexedList($"{threshold:d2}", 1, new MatchPolicy { MaxDistance = threshold }, content))];
        using HashIndex index = HashIndex.Build(1, lists);
        PlannedQuery[] queries = new QueryPlan(source, options.Seed + 3, 70, unrelated: 8).Take(
            0, Math.Max(1, options.Queries / 16));
        List<NearRow>[] near = [.. Enumerable.Range(0, BlockQueries).Select(_ => new List<NearRow>())];
        foreach (PlannedQuery[] block in queries.Chunk(BlockQueries))
        {
            Array.ForEach(near, rows => rows.Clear());
            planes.Find([.. block.Select(query => query.Hash)], near);
            for (int i = 0; i < block.Length; i++)
            {
                Prove(index, block[i].Hash, near[i]);
            }
        }
    }

    private void Prove(HashIndex index, HashValue query, List<NearRow> near)
    {
        _expected.Clear();
        _answered.Clear();
        near.ForEach(row => _expected[planes[row.Row]] = row.Distance);
        Span<int> within = stackalloc int[Thresholds];
        Span<int> right = stackalloc int[Thresholds];
        Span<bool> wrong = stackalloc bool[Thresholds];
        within.Clear();
        right.Clear();
        wrong.Clear();
        foreach (int distance in _expected.Values)
        {
            for (int threshold = distance; threshold < Thresholds; threshold++)
            {
                within[threshold]++;
            }
        }

        List<Candidate> found = [];
        index.Find(new QueryHash(query.ToPdq(), Orientation.Original, 100), found);
        foreach (Candidate candidate in found)
        {
            HashValue value = candidate.Segment.KeyAt(candidate.Row).Value;
            bool isRight = _expected.TryGetValue(value, out int distance)
                && distance == candidate.Distance && distance <= candidate.List
                && _answered.Add((candidate.List, value));
            right[candidate.List] += isRight ? 1 : 0;
            wrong[candidate.List] |= !isRight;
        }

        Queries++;
        for (int threshold = 0; threshold < Thresholds; threshold++)
        {
            Different += wrong[threshold] || right[threshold] != within[threshold] ? 1 : 0;
        }
    }
}
