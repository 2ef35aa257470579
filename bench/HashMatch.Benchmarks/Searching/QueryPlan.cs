using HashMatch.Matching;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// Queries that are the same for every run of a seed: some planted at a distance from an entry, since random ones never
/// match, the others unrelated to any.
/// </summary>
/// <param name="source">Where entries are.</param>
/// <param name="seed">Of the queries; another than the data's.</param>
/// <param name="maxPlanted">Distances go round from 0 to it.</param>
/// <param name="unrelated">Every so many-th query is unrelated.</param>
internal sealed class QueryPlan(IHashSource source, ulong seed, int maxPlanted, int unrelated)
{
    private readonly HashValue[] _entry = new HashValue[1];

    /// <summary>Queries from a number on.</summary>
    public PlannedQuery[] Take(long first, int count)
    {
        var queries = new PlannedQuery[count];
        for (int i = 0; i < count; i++)
        {
            queries[i] = Make(first + i);
        }

        return queries;
    }

    private PlannedQuery Make(long number)
    {
        var random = new RandomBits(seed, (ulong)number);
        if (number % unrelated == unrelated - 1)
        {
            return new PlannedQuery(source.Unrelated(ref random), -1, -1);
        }

        // Of a set without entries nothing can be near.
        if (source.Count == 0)
        {
            return new PlannedQuery(random.Balanced(), -1, -1);
        }

        long planted = number - (number / unrelated);
        int distance = (int)(planted % (maxPlanted + 1));
        long row = random.Next(source.Count);
        source.Fill(row, _entry);
        return new PlannedQuery(random.Near(_entry[0], distance), row, distance);
    }
}
