using Google.Protobuf;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Gate.Cases;

/// <summary>A call of the server, one at a time.</summary>
internal sealed class ServedCase : GateCase
{
    private readonly Action _call;

    private ServedCase(Action call) => _call = call;

    public override bool IsOnOneThread => false;

    /// <summary>Match of a picture.</summary>
    public static ServedCase Match(GateServer server, string file)
    {
        var request = new V1.MatchRequest { Image = ByteString.CopyFrom(File.ReadAllBytes(file)) };
        return new ServedCase(() =>
        {
            V1.MatchResponse response = server.Client.Match(request);
            if (response.Hash.Length == 0)
            {
                throw new InvalidOperationException($"The picture was not hashed: {response.UnhashableReason}.");
            }
        });
    }

    /// <summary>MatchHashes of 100 hashes.</summary>
    public static ServedCase Hashes(GateServer server, GateList list)
    {
        V1.MatchHashesRequest request = MessageCase.Request(list);
        return new ServedCase(() =>
        {
            V1.MatchHashesResponse response = server.Client.MatchHashes(request);
            if (response.Results.Count != request.Queries.Count || response.Results[0].Matches.Count == 0)
            {
                throw new InvalidOperationException("An entry was not found.");
            }
        });
    }

    public override void Run() => _call();
}
