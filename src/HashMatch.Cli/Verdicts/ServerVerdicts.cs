using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Cli.Curating;
using HashMatch.Pdq;
using HashMatch.Uploads;

namespace HashMatch.Cli.Verdicts;

/// <summary>Matches through a server, which records events.</summary>
/// <param name="channel">To the server; closed with this.</param>
/// <param name="whenIndeterminate">hold, allow or review: what is wanted when the server cannot evaluate an upload;
/// null for an error, unless the server knows better.</param>
internal sealed class ServerVerdicts(GrpcChannel channel, string? whenIndeterminate = null) : IVerdicts
{
    private const int ChunkBytes = 256 * 1024;

    private readonly GrpcChannel _channel = channel;

    /// <exception cref="RpcException">No verdict was given.</exception>
    public async Task<UploadAnswer> MatchAsync(
        ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation)
    {
        using AsyncClientStreamingCall<Proto.V1.MatchUploadRequest, Proto.V1.MatchResponse> call =
            new Proto.V1.Matching.MatchingClient(_channel).MatchUpload(
                HeadersOf(whenIndeterminate), cancellationToken: cancellation);
        bool isTaken = await call.RequestStream.TryWriteAsync(
            new Proto.V1.MatchUploadRequest { Options = OptionsOf(options) }, cancellation);
        for (int start = 0; isTaken && start < image.Length; start += ChunkBytes)
        {
            ReadOnlyMemory<byte> chunk = image.Slice(start, Math.Min(ChunkBytes, image.Length - start));
            isTaken = await call.RequestStream.TryWriteAsync(
                new Proto.V1.MatchUploadRequest { Chunk = UnsafeByteOperations.UnsafeWrap(chunk) }, cancellation);
        }

        if (isTaken)
        {
            await call.RequestStream.CompleteAsync();
        }

        return Wire.AnswerOf(await call.ResponseAsync);
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    // As metadata, it is known before the upload is read.
    private static Metadata HeadersOf(string? whenIndeterminate) =>
        whenIndeterminate is null ? [] : [new Metadata.Entry("when-indeterminate", whenIndeterminate)];

    private static Proto.V1.MatchOptions OptionsOf(UploadOptions options) => new()
    {
        Fidelity = options.Fidelity == PdqFidelity.Reference
            ? Proto.V1.Fidelity.Reference
            : Proto.V1.Fidelity.Fast,
        Dihedral = options.Dihedral,
    };
}
