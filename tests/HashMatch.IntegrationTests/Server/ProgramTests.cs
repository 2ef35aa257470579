using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>The server as a program: how it starts, what it prints, what it leaves, how it ends.</summary>
public sealed class ProgramTests : IDisposable
{
    /// <summary>16 bytes that stand nowhere else; the second half is text, so that a log would show it.</summary>
    private static readonly byte[] Fragment = [0xd3, 0x9c, 0x01, 0xfe, 0xa7, 0x5b, 0x88, 0x6d, .. "zQ7#xW9k"u8];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string[]> BadStarts => new()
    {
        { "HashMatch has no setting 'Stoer'", ["--HashMatch:Stoer=x"] },
        { "MaxConcurrentDecodes", ["--HashMatch:MaxConcurrentDecodes=0"] },
        { "AllowPlaintext", ["--listen", "http://0.0.0.0:0"] },
        { "HashMatch:Store", ["--store", "nosuch:thing"] },
        { "hashmatch:", ["--store", "sqlite:/proc/nowhere"] },
        { "CertificatePath", ["--listen", "https://127.0.0.1:0"] },
        { "'--port'", ["--port", "1"] },
    };

    [Theory]
    [MemberData(nameof(BadStarts), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_start_is_one_line_and_exit_code_1(string said, string[] arguments)
    {
        using var program = ServerProgram.Start(
            arguments.Contains("--store") ? arguments : ["--store", Store(), .. arguments]);
        Assert.Equal(1, await program.EndAsync(Cancellation));
        string line = Assert.Single(program.Output.Split('\n'), line => line.Length > 0);
        Assert.StartsWith("hashmatch: ", line, StringComparison.Ordinal);
        Assert.Contains(said, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        using var program = ServerProgram.Start(
            "--store", Store(), "--listen", $"http://{taken.LocalEndpoint}", "--listen-json", "");
        Assert.Equal(1, await program.EndAsync(Cancellation));
        Assert.Contains("address already in use", program.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_an_upload_is_in_the_folder_or_the_log()
    {
        byte[] picture = DrawnPicture.Draw(1, Repeat(Fragment, 100));
        byte[] junk = Repeat(Fragment, 1000);
        byte[] broken = [.. picture[..^200], .. junk];
        using (ServerProgram program = await ServerProgram.StartReadyAsync(
            Store(), Cancellation, "--Logging:LogLevel:Default=Debug", "--Logging:LogLevel:Grpc=Debug",
            "--HashMatch:Images:MaxImageBytes=1048576"))
        {
            using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
            await LoadAsync(channel, picture);
            foreach (byte[] image in new[] { picture, junk, broken, picture[..^100], Repeat(Fragment, 70_000) })
            {
                await UploadEverywhereAsync(channel, program.Addresses[1], image);
            }

            await HangUpAsync(channel, junk);
            program.Terminate();
            Assert.Equal(0, await program.EndAsync(Cancellation));
            Assert.Contains("listening on", program.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("zQ7#xW9k", program.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(
                Convert.ToHexStringLower(Fragment), program.Output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(
                Convert.ToBase64String(Repeat(Fragment, 3))[..20], program.Output, StringComparison.Ordinal);
            // No reference either, and no hash of the upload.
            Assert.DoesNotContain("case-4711", program.Output, StringComparison.Ordinal);
        }

        string[] files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.All(files, path => Assert.True(
            File.ReadAllBytes(path).AsSpan().IndexOf(Fragment.AsSpan(0, 8)) < 0
            && File.ReadAllBytes(path).AsSpan().IndexOf(Fragment.AsSpan(8)) < 0,
            $"{path} holds bytes of an upload"));
    }

    [Fact]
    public async Task A_shutdown_answers_what_is_in_flight_and_stores_the_events()
    {
        string verdictId;
        using (ServerProgram program = await ServerProgram.StartReadyAsync(Store(), Cancellation))
        {
            using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
            await LoadAsync(channel, DrawnPicture.Draw(1));
            var matching = new V1.Matching.MatchingClient(channel);
            using var upload = matching.MatchUpload(cancellationToken: Cancellation);
            byte[] picture = DrawnPicture.Draw(1);
            await upload.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(picture[..500]) }, Cancellation);
            using var stream = matching.MatchStream(cancellationToken: Cancellation);
            await stream.RequestStream.WriteAsync(
                new V1.MatchStreamRequest { Tag = 1, Image = ByteString.CopyFrom(picture) }, Cancellation);
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));

            program.Terminate();
            // The stream is told, once what it had read is answered.
            await Statuses.FailsAsync(
                StatusCode.Unavailable, "SHUTTING_DOWN", () => stream.ResponseStream.MoveNext(Cancellation),
                canRetry: true);
            await upload.RequestStream.WriteAsync(
                new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(picture[500..]) }, Cancellation);
            await upload.RequestStream.CompleteAsync();
            V1.MatchResponse verdict = await upload;
            Assert.Equal(V1.Outcome.Near, verdict.Outcome);
            verdictId = verdict.VerdictId;
            Assert.Equal(0, await program.EndAsync(Cancellation));
        }

        await using RunningServer again = await RunningServer.StartReadyAsync(Store(), Cancellation);
        Assert.Contains(await Record.ReadAllAsync(again, Cancellation), e => e.VerdictId == verdictId);
    }

    private static byte[] Repeat(byte[] bytes, int times) => [.. Enumerable.Repeat(bytes, times).SelectMany(b => b)];

    private static async Task LoadAsync(GrpcChannel channel, byte[] picture)
    {
        var lists = new V1.HashLists.HashListsClient(channel);
        var matching = new V1.Matching.MatchingClient(channel);
        string hash = (await matching.HashAsync(
            new V1.HashRequest { Image = ByteString.CopyFrom(picture) }, cancellationToken: Cancellation)).Hash;
        await lists.CreateListAsync(new V1.CreateListRequest { Name = "list" }, cancellationToken: Cancellation);
        using (var stage = lists.StageVersion(cancellationToken: Cancellation))
        {
            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = "list" } },
                Cancellation);
            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest
                {
                    Batch = new V1.StageVersionRequest.Types.Batch { Entries = { Entries.Pdq(hash, "it") } },
                },
                Cancellation);
            await stage.RequestStream.CompleteAsync();
            await stage;
        }

        await lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = "list", Version = 1 }, cancellationToken: Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await matching.MatchHashesAsync(
                        new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = hash } } },
                        cancellationToken: Cancellation);
                    return true;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the list is matched against", Cancellation);
    }

    private static async Task UploadEverywhereAsync(GrpcChannel channel, string json, byte[] image)
    {
        var matching = new V1.Matching.MatchingClient(channel);
        var options = new V1.MatchOptions { Reference = "case-4711" };
        var bytes = ByteString.CopyFrom(image);
        await TryAsync(() => matching.MatchAsync(
            new V1.MatchRequest { Image = bytes, Options = options }, cancellationToken: Cancellation).ResponseAsync);
        await TryAsync(() => matching.HashAsync(
            new V1.HashRequest { Image = bytes }, cancellationToken: Cancellation).ResponseAsync);
        await TryAsync(async () =>
        {
            using var call = matching.MatchUpload(cancellationToken: Cancellation);
            await call.SendAsync(
                image.Chunk(10_000).Select(chunk => new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(chunk) }),
                Cancellation);
        });
        await TryAsync(async () =>
        {
            using var call = matching.MatchStream(cancellationToken: Cancellation);
            await call.RequestStream.WriteAsync(
                new V1.MatchStreamRequest { Image = bytes, Options = options }, Cancellation);
            await call.RequestStream.CompleteAsync();
            await call.ResponseStream.MoveNext(Cancellation);
        });
        using var http = new HttpClient { BaseAddress = new Uri(json) };
        (await http.PostAsJsonAsync("/v1/match", new { image }, Cancellation)).Dispose();
        using var malformed = new StringContent(
            $"{{\"image\":\"zQ7#xW9k{Convert.ToBase64String(image)}", Encoding.UTF8, "application/json");
        (await http.PostAsync("/v1/match", malformed, Cancellation)).Dispose();
    }

    private static async Task HangUpAsync(GrpcChannel channel, byte[] image)
    {
        using var call = new V1.Matching.MatchingClient(channel).MatchUpload(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(
            new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(image) }, Cancellation);
    }

    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Refused uploads are part of it.
        }
    }

    private string Store() => $"sqlite:{_folder["data"]}";
}
