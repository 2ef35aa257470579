using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Pdq;
using HashMatch.Server.Services;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Gate.Cases;

/// <summary>A request of 100 hashes to the bytes of its answer: what MatchHashes does between its transport's two ends.
/// One hash in ten is near an entry.</summary>
internal sealed class MessageCase : GateCase, IDisposable
{
    private const int Queries = 100;

    private readonly GateIndex _index;
    private readonly byte[] _request;
    private readonly Matcher _matcher = new(
        new MatcherOptions(), TimeProvider.System, new FloodWatch(new QuarantineOptions(), () => null));

    public MessageCase(GateList list)
    {
        _index = GateIndex.LoadAsync(list).GetAwaiter().GetResult();
        _request = Request(list).ToByteArray();
    }

    /// <summary>The request.</summary>
    public static V1.MatchHashesRequest Request(GateList list)
    {
        var request = new V1.MatchHashesRequest();
        HashValue[] values = list.Queries(2 * Queries);
        byte[] bytes = new byte[PdqHash.ByteCount];
        for (int i = 0; i < Queries; i++)
        {
            // Even places are near an entry.
            values[i % 10 == 0 ? 2 * i : (2 * i) + 1].ToPdq().Write(bytes);
            request.Queries.Add(new V1.HashQuery { PdqBytes = ByteString.CopyFrom(bytes) });
        }

        return request;
    }

    public override void Run()
    {
        HashIndex index = _index.Index;
        V1.MatchHashesRequest request = V1.MatchHashesRequest.Parser.ParseFrom(_request);
        var response = new V1.MatchHashesResponse();
        response.Results.Capacity = request.Queries.Count;
        V1.ListVersionRef[]? versions = null;
        int matched = 0;
        for (int i = 0; i < request.Queries.Count; i++)
        {
            Verdict verdict = _matcher.Decide(index, MatchingMessages.Read(request.Queries[i], i));
            versions ??= MatchingMessages.Of(verdict.ListVersions);
            matched += verdict.Matches.Count > 0 ? 1 : 0;
            response.Results.Add(MatchingMessages.Of(verdict, "", versions, details: true));
        }

        if (matched != Queries / 10 || response.ToByteArray().Length == 0)
        {
            throw new InvalidOperationException($"{matched} hashes matched.");
        }
    }

    public void Dispose() => _index.Dispose();
}
