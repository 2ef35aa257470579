using Google.Protobuf;
using HashMatch.Pdq;
using HashMatch.Proto.V1;

namespace HashMatch.Cli.Driving;

/// <summary>Queries, so many that an index's caches do not know them all when they come round again.</summary>
internal sealed class QueryPool
{
    /// <summary>Places of the pool.</summary>
    public const int Size = 1 << 18;

    private const int LargestDistance = 30;

    private readonly PlantedQuery[] _queries = new PlantedQuery[Size];
    private readonly bool _hex;
    private readonly bool _isKnown;

    /// <param name="entries">Random entries of the server's list; 0 when what it holds is not known, and then nothing
    /// is planted.</param>
    /// <param name="near">Share of the queries that are planted near an entry.</param>
    /// <param name="seed">That of the entries.</param>
    /// <param name="hex">Whether hashes go as text.</param>
    public QueryPool(int entries, double near, int seed, bool hex = false)
    {
        _hex = hex;
        _isKnown = entries > 0;
        var hashes = new BalancedHashes(seed);
        var random = new Random(seed);
        byte[] bytes = new byte[PdqHash.ByteCount];
        for (int i = 0; i < Size; i++)
        {
            PdqHash hash = hashes[entries + (long)i];
            string? externalId = null;
            int distance = 0;
            if (_isKnown && random.NextDouble() < near)
            {
                int entry = random.Next(entries);
                distance = 2 * random.Next((LargestDistance / 2) + 1);
                hash = BalancedHashes.Near(hashes[entry], distance, (ulong)i);
                externalId = BalancedHashes.ExternalId(entry);
            }

            hash.Write(bytes);
            _queries[i] = new PlantedQuery(ByteString.CopyFrom(bytes), hash.ToString(), externalId, distance);
        }
    }

    /// <summary>Whether what must come of a query is known.</summary>
    public bool IsKnown => _isKnown;

    /// <summary>The query at a place; places go round.</summary>
    public PlantedQuery At(int place) => _queries[place & (Size - 1)];

    /// <summary>The request of queries from this place on.</summary>
    public MatchHashesRequest Request(int start, int count)
    {
        var request = new MatchHashesRequest();
        request.Queries.Capacity = count;
        for (int i = 0; i < count; i++)
        {
            PlantedQuery query = At(start + i);
            request.Queries.Add(
                _hex ? new HashQuery { Pdq = query.Hex } : new HashQuery { PdqBytes = query.Bytes });
        }

        return request;
    }

    /// <summary>Whether the response is the right one: every result in its place, with the planted entry first.
    /// </summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? Problem(int start, int count, MatchHashesResponse response)
    {
        if (response.Results.Count != count)
        {
            return $"{response.Results.Count} results to {count} queries";
        }

        for (int i = 0; i < count; i++)
        {
            if (Problem(At(start + i), response.Results[i], response.Results[0].IndexGeneration) is { } problem)
            {
                return $"query {At(start + i).Hex}: {problem}";
            }
        }

        return null;
    }

    private string? Problem(PlantedQuery query, MatchResponse result, ulong generation)
    {
        bool near = query.ExternalId is not null;
        return result.Hash != query.Hex ? "its answer is another's"
            : result.IndexGeneration != generation || result.ListVersions.Count == 0 ? "made from another index"
            : result.VerdictId.Length != 26 ? "no verdict id"
            : !_isKnown ? null
            : result.Outcome != (near ? Outcome.Near : Outcome.NoKnownMatch) ? $"{result.Outcome}"
            : !near ? null
            : result.Matches[0].ExternalId != query.ExternalId ? $"{result.Matches[0].ExternalId} was found"
            : result.Matches[0].Distance != query.Distance ? $"distance {result.Matches[0].Distance}"
            : null;
    }
}
