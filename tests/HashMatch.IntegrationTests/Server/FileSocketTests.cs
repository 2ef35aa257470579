using System.Net.Sockets;
using System.Runtime.Versioning;
using Google.Protobuf;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>gRPC over a socket in the file system, as a side-car that ends TLS speaks it.</summary>
[SupportedOSPlatform("linux")]
public sealed class FileSocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Socket => _folder["grpc.sock"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Uploads_come_over_a_socket_that_others_cannot_open()
    {
        using ServerProgram program = await StartAsync();
        Assert.Equal("NO_KNOWN_MATCH", await MatchAsync());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));
    }

    [Fact]
    public async Task A_socket_that_a_killed_server_left_is_taken_over_and_one_in_use_is_not()
    {
        using ServerProgram killed = await StartAsync();
        killed.Kill();
        Assert.True(File.Exists(Socket));
        using ServerProgram program = await StartAsync("--HashMatch:SocketMode=0660");
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(Socket));
        using var second = ServerProgram.Start(
            "--store", $"sqlite:{_folder["other"]}", "--listen", $"unix:{Socket}", "--listen-json", "",
            "--HashMatch:Access:Open=true");
        Assert.Equal(1, await second.EndAsync(Cancellation));
        Assert.Contains("address already in use", second.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("NO_KNOWN_MATCH", await MatchAsync());
    }

    [Fact]
    public async Task A_file_in_its_place_is_not_deleted()
    {
        await File.WriteAllTextAsync(Socket, "mine", Cancellation);
        using var program = ServerProgram.Start(
            "--store", $"sqlite:{_folder["data"]}", "--listen", $"unix:{Socket}", "--listen-json", "",
            "--HashMatch:Access:Open=true");
        Assert.Equal(1, await program.EndAsync(Cancellation));
        Assert.Equal("mine", await File.ReadAllTextAsync(Socket, Cancellation));
    }

    private Task<ServerProgram> StartAsync(params string[] arguments) => ServerProgram.StartReadyAsync(
        $"sqlite:{_folder["data"]}", Cancellation,
        ["--listen", $"unix:{Socket}", "--HashMatch:AllowEmptyIndex=true", .. arguments]);

    private async Task<string> MatchAsync()
    {
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
            DisposeHttpClient = true,
        });
        V1.MatchResponse verdict = await new V1.Matching.MatchingClient(channel).MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(DrawnPicture.Draw(1)) },
            cancellationToken: Cancellation);
        return verdict.Outcome == V1.Outcome.NoKnownMatch ? "NO_KNOWN_MATCH" : verdict.Outcome.ToString();
    }
}
