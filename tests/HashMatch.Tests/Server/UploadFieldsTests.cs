using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.Server.Memory;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Tests.Server;

public sealed class UploadFieldsTests : IDisposable
{
    private static readonly UploadFields<V1.MatchRequest> Fields = new(
        V1.MatchRequest.Parser, V1.MatchRequest.ImageFieldNumber, (message, image) => message.Image = image);

    private readonly UploadArena _arena = new(1024 * 1024);
    private readonly UploadScope _scope;

    public UploadFieldsTests() => _scope = UploadScope.Begin(_arena);

    private static V1.MatchRequest Request => new()
    {
        Image = ByteString.CopyFrom([.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))]),
        Options = new V1.MatchOptions { Reference = "r", Dihedral = true },
    };

    public void Dispose()
    {
        _scope.Dispose();
        _arena.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void A_message_in_pieces_is_the_message_and_its_upload_lies_in_the_arena(int pieceBytes)
    {
        V1.MatchRequest read = Fields.Read(Pieces(Request.ToByteArray(), pieceBytes));
        Assert.Equal(Request, read);
        Assert.NotNull(ArenaBlock.Of(read.Image.Memory));
    }

    [Fact]
    public void What_the_message_does_not_know_is_dropped_and_the_last_of_two_uploads_counts()
    {
        byte[] twice =
        [
            .. new V1.MatchRequest { Image = ByteString.CopyFromUtf8("first") }.ToByteArray(),
            0xA2, 0x06, 3, 1, 2, 3,
            .. Request.ToByteArray(),
        ];
        V1.MatchRequest read = Fields.Read(Pieces(twice, 5));
        Assert.Equal(Request, read);
        Assert.Equal(Request.CalculateSize(), read.CalculateSize());
    }

    [Fact]
    public void An_empty_upload_and_none_are_told_apart_as_protobuf_does()
    {
        var chunks = new UploadFields<V1.MatchUploadRequest>(
            V1.MatchUploadRequest.Parser,
            V1.MatchUploadRequest.ChunkFieldNumber,
            (message, chunk) => message.Chunk = chunk);
        Assert.Equal(
            V1.MatchUploadRequest.PartOneofCase.Chunk,
            chunks.Read(new ReadOnlySequence<byte>([0x12, 0])).PartCase);
        Assert.Equal(V1.MatchUploadRequest.PartOneofCase.None, chunks.Read(default).PartCase);
        Assert.Equal(
            V1.MatchUploadRequest.PartOneofCase.Options,
            chunks.Read(new ReadOnlySequence<byte>([0x0A, 0])).PartCase);
    }

    [Theory]
    [InlineData(new byte[] { 0x0A, 5, 1 })]
    [InlineData(new byte[] { 0x0A })]
    [InlineData(new byte[] { 0x0B })]
    [InlineData(new byte[] { 0x0F, 1 })]
    [InlineData(new byte[] { 0x09, 1, 2 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x12, 2, 0x1A, 9 })]
    public void What_is_no_message_is_refused_and_takes_no_memory(byte[] bytes)
    {
        var error = Assert.Throws<RpcException>(() => Fields.Read(Pieces(bytes, 2)));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal(0, _arena.UsedBytes);
    }

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, int pieceBytes)
    {
        Piece? first = null;
        Piece? last = null;
        foreach (byte[] piece in bytes.Chunk(pieceBytes))
        {
            last = new Piece(piece, last);
            first ??= last;
        }

        return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
