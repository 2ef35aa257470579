using Google.Protobuf;
using HashMatch.Pdq;
using HashMatch.Proto.V1;

namespace HashMatch.Load.Hashes;

/// <summary>Queries, so many that an index's caches do not know them all when they come round again.</summary>
internal sealed class QueryPool
{
    private const int Size = 1 << 18;
    private const int LargestDistance = 30;

    private readonly PlantedQuery[] _queries = new PlantedQuery[Size];
    private readonly bool _hex;
    private readonly bool _isKnown;

    public QueryPool(HashesOptions options)
    {
        _hex = options.Hex;
        _isKnown = options.Address is null;
        var hashes = new BalancedHashes(options.Seed);
        var random = new Random(options.Seed);
        byte[] bytes = new byte[PdqHash.ByteCount];
        for (int i = 0; i < Size; i++)
        {
            PdqHash hash = hashes[options.Entries + (long)i];
            string? externalId = null;
            int distance = 0;
            if (random.NextDouble() < options.Near)
            {
                int entry = random.Next(options.Entries);
                distance = 2 * random.Next((LargestDistance / 2) + 1);
                hash = BalancedHashes.Near(hashes[entry], distance, (ulong)i);
                externalId = BalancedHashes.ExternalId(entry);
            }

            hash.Write(bytes);
            _queries[i] = new PlantedQuery(ByteString.CopyFrom(bytes), hash.ToString(), externalId, distance);
        }
    }

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

    private PlantedQuery At(int place) => _queries[place & (Size - 1)];
}
