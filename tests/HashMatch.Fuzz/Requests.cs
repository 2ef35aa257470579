using Google.Protobuf;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Fuzz;

/// <summary>The requests that carry more than a name. A type of its own: instrumented code cannot run before the
/// fuzzer has started.</summary>
internal static class Requests
{
    private static readonly MessageParser[] Parsers =
    [
        V1.MatchRequest.Parser,
        V1.MatchUploadRequest.Parser,
        V1.MatchStreamRequest.Parser,
        V1.MatchHashesRequest.Parser,
        V1.HashRequest.Parser,
        V1.StageVersionRequest.Parser,
        V1.UpdateListRequest.Parser,
        V1.AddEntriesRequest.Parser,
        V1.RemoveEntriesRequest.Parser,
    ];

    /// <summary>The parser that a byte stands for.</summary>
    public static MessageParser Of(byte choice) => Parsers[choice % Parsers.Length];
}
