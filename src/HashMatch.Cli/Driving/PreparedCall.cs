using System.Buffers.Binary;
using Google.Protobuf;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Cli.Driving;

/// <summary>
/// A call as the bytes that it is, made once, so that who makes it takes as little as can be of a machine that it
/// shares with the server.
/// </summary>
/// <param name="Path">The method's.</param>
/// <param name="Body">Its messages, each behind gRPC's prefix.</param>
/// <param name="Judge">What is wrong with a message that was answered; null when nothing is.</param>
internal sealed record PreparedCall(string Path, byte[] Body, Func<ReadOnlyMemory<byte>, string?> Judge)
{
    private const int ChunkBytes = 256 * 1024;

    /// <summary>Bytes of gRPC's prefix: not compressed, the message's length.</summary>
    public const int PrefixBytes = 5;

    /// <summary>A picture in one message.</summary>
    /// <param name="picture">The file.</param>
    /// <param name="isListed">Whether a list has it, so that it must match; null when that is not known.</param>
    public static PreparedCall Match(byte[] picture, bool? isListed) => new(
        "/hashmatch.v1.Matching/Match",
        Framed([new V1.MatchRequest { Image = UnsafeByteOperations.UnsafeWrap(picture) }]),
        answer => ProblemOf(V1.MatchResponse.Parser.ParseFrom(answer.Span), isListed));

    /// <summary>A picture in chunks.</summary>
    /// <inheritdoc cref="Match"/>
    public static PreparedCall MatchUpload(byte[] picture, bool? isListed) => new(
        "/hashmatch.v1.Matching/MatchUpload",
        Framed([.. picture.Chunk(ChunkBytes).Select(
            chunk => new V1.MatchUploadRequest { Chunk = UnsafeByteOperations.UnsafeWrap(chunk) })]),
        answer => ProblemOf(V1.MatchResponse.Parser.ParseFrom(answer.Span), isListed));

    /// <summary>Hashes, so many from this place of the pool on.</summary>
    public static PreparedCall MatchHashes(QueryPool pool, int place, int count) => new(
        "/hashmatch.v1.Matching/MatchHashes",
        Framed([pool.Request(place, count)]),
        answer => pool.Problem(place, count, V1.MatchHashesResponse.Parser.ParseFrom(answer.Span)));

    /// <summary>What is wrong with a picture's verdict; null when it is the one that it must have.</summary>
    public static string? ProblemOf(V1.MatchResponse verdict, bool? isListed) => verdict.Outcome switch
    {
        V1.Outcome.NoKnownMatch when isListed != true => null,
        V1.Outcome.Near or V1.Outcome.Exact when isListed != false => null,
        V1.Outcome.Unhashable => $"a picture was {verdict.Outcome}, {verdict.UnhashableReason}",
        V1.Outcome.Indeterminate => $"a picture was {verdict.Outcome}, {verdict.IndeterminateReason}",
        _ => $"a picture that {(isListed == true ? "is" : "is not")} listed was {verdict.Outcome}",
    };

    private static byte[] Framed(IMessage[] messages)
    {
        byte[] body = new byte[messages.Sum(message => PrefixBytes + message.CalculateSize())];
        Span<byte> left = body;
        foreach (IMessage message in messages)
        {
            int size = message.CalculateSize();
            BinaryPrimitives.WriteInt32BigEndian(left[1..], size);
            message.WriteTo(left.Slice(PrefixBytes, size));
            left = left[(PrefixBytes + size)..];
        }

        return body;
    }
}
