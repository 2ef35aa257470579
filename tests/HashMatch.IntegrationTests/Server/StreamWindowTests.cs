using Google.Protobuf;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Telemetry;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>What a sender is told that it may have on its way.</summary>
public sealed class StreamWindowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, 65_535u)]
    [InlineData("4194304", 4_194_304u)]
    public async Task A_streams_window_is_the_settings_and_uploads_pass_it(string? setting, uint window)
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder.Path}", Cancellation,
            ["--HashMatch:AllowEmptyIndex=true",
                .. setting is null ? (string[])[] : [$"--HashMatch:Transport:StreamWindowBytes={setting}"]]);
        using HttpTwoConnection connection = await HttpTwoConnection.OpenAsync(server.Address, Cancellation);
        await Eventually.TrueAsync(() => connection.StreamWindow is not null, "it is told", Cancellation);
        Assert.Equal(window, connection.StreamWindow);
        // Larger than either.
        using var upload = server.Matching.MatchUpload(cancellationToken: Cancellation);
        byte[] chunk = new byte[1024 * 1024];
        for (int i = 0; i < 6; i++)
        {
            await upload.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Chunk = UnsafeByteOperations.UnsafeWrap(chunk) }, Cancellation);
        }

        await upload.RequestStream.CompleteAsync();
        Assert.Equal(V1.UnhashableReason.UnsupportedFormat, (await upload).UnhashableReason);
    }
}
