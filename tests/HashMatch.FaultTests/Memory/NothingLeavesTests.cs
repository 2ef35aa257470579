using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Memory;

/// <summary>Nothing of an upload leaves the process: no file is written for it, and Redis never sees it.</summary>
public sealed partial class NothingLeavesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MarkedPictures _marked = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_file_but_the_stores_is_written()
    {
        string trace = _folder["trace"];
        string data = _folder["data"];
        using ServerProcess program = ServerProcess.Start(
            Require("strace"),
            [
                "-f", "--seccomp-bpf", "-qq", "-s", "200", "-o", trace, "-e",
                "trace=open,openat,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,"
                + "symlinkat,bind",
                "env", "DOTNET_EnableDiagnostics=0", "dotnet",
                Path.Combine(AppContext.BaseDirectory, "HashMatch.Server.dll"), "--store", $"sqlite:{data}",
                "--listen", "http://127.0.0.1:0", "--listen-json", "http://127.0.0.1:0",
                "--HashMatch:Access:Open=true", "--HashMatch:AllowEmptyIndex=true",
                "--HashMatch:Images:MaxImageBytes=1048576",
            ]);
        await Eventually.TrueAsync(
            () => program.HasExited || program.Output.Contains(" Ready;", StringComparison.Ordinal),
            "the traced server is ready", Cancellation);
        int server = Assert.Single(ProcessTree.ChildrenOf(program.Id));
        int uploads;
        try
        {
            uploads = await UploadAsync([.. Address().Matches(program.Output).Select(match => match.Value)]);
        }
        finally
        {
            // strace with a file of its own passes no signal on; it ends with what it traces.
            ProcessTree.Terminate(server);
        }

        await program.EndAsync(Cancellation);

        string[] lines = await File.ReadAllLinesAsync(trace, Cancellation);
        string[] written = [.. lines.Where(Writes).Where(line => !IsAllowed(line, data))];
        FaultRow.Seen(
            $"{uploads} uploads", "no file is opened for writing but the store's",
            $"{written.Length} of {lines.Length} calls");
        Assert.Contains(lines, line => Writes(line) && line.Contains(data, StringComparison.Ordinal));
        Assert.True(written.Length == 0, string.Join('\n', written));
    }

    [Fact]
    public async Task Redis_sees_neither_bytes_nor_hashes_of_an_upload()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Cancellation);
        using ServerProgram program = await ServerProgram.StartReadyAsync(
            redis.Address, Cancellation, "--HashMatch:Images:MaxImageBytes=1048576",
            "--Logging:LogLevel:Default=Debug", "--Logging:LogLevel:Grpc=Debug");
        using GrpcChannel channel = GrpcChannel.ForAddress(program.Addresses[0]);
        using var http = new HttpClient { BaseAddress = new Uri(program.Addresses[1]) };
        byte[] listed = _marked.All()["jpeg"];
        V1.HashResponse hashes = await LoadAsync(channel, listed);

        using var monitor = new TcpClient();
        await monitor.ConnectAsync(IPAddress.Loopback, redis.Port, Cancellation);
        await monitor.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray(), Cancellation);
        using var seen = new MemoryStream();
        Task watching = monitor.GetStream().CopyToAsync(seen, Cancellation);
        await new EveryCall(channel, http, _marked, Cancellation).UploadAllAsync();
        V1.MatchResponse verdict = await new V1.Matching.MatchingClient(channel).MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(listed) }, cancellationToken: Cancellation);
        Assert.True(verdict.Outcome == V1.Outcome.Near, $"{verdict}");
        await Eventually.TrueAsync(
            async () => (await new V1.Events.EventsClient(channel).ListEventsAsync(
                new V1.ListEventsRequest(), cancellationToken: Cancellation)).Events.Any(
                    each => each.VerdictId == verdict.VerdictId),
            "the match is recorded", Cancellation);
        redis.Kill();
        await watching.WaitAsync(Eventually.Deadline, Cancellation);

        string commands = Encoding.Latin1.GetString(seen.ToArray());
        Assert.Contains(verdict.VerdictId, commands, StringComparison.Ordinal);
        List<string> found = [];
        foreach ((string name, byte[] secret) in Secrets(listed, hashes))
        {
            string escaped = Escaped(secret);
            if (commands.Contains(escaped, StringComparison.Ordinal)
                || commands.Contains(Convert.ToHexString(secret), StringComparison.OrdinalIgnoreCase))
            {
                found.Add($"{name} in a command to Redis");
            }

            if (program.Output.Contains(Convert.ToHexString(secret), StringComparison.OrdinalIgnoreCase)
                || program.Output.Contains(Encoding.Latin1.GetString(secret), StringComparison.Ordinal))
            {
                found.Add($"{name} in the log");
            }
        }

        FaultRow.Seen("a round of uploads, one of them matched", "none of it in Redis and the log", $"{found.Count}");
        Assert.Empty(found);
    }

    private async Task<int> UploadAsync(string[] addresses)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(addresses[0]);
        using var http = new HttpClient { BaseAddress = new Uri(addresses[1]) };
        return await new EveryCall(channel, http, _marked, Cancellation).UploadAllAsync();
    }

    private IEnumerable<(string Name, byte[] Secret)> Secrets(byte[] listed, V1.HashResponse hashes)
    {
        foreach ((string name, byte[] fragment) in _marked.Patterns)
        {
            yield return (name, fragment);
        }

        yield return ("SHA-256", SHA256.HashData(listed));
        yield return ("SHA-1", Convert.FromHexString(hashes.Sha1));
        yield return ("MD5", Convert.FromHexString(hashes.Md5));
        yield return ("PDQ", Convert.FromHexString(hashes.Hash));
    }

    // As MONITOR writes bytes.
    private static string Escaped(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (byte each in bytes)
        {
            text.Append((char)each switch
            {
                '\\' => "\\\\",
                '"' => "\\\"",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\a' => "\\a",
                '\b' => "\\b",
                >= ' ' and <= '~' => ((char)each).ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\x{each:x2}"),
            });
        }

        return text.ToString();
    }

    private static async Task<V1.HashResponse> LoadAsync(GrpcChannel channel, byte[] listed)
    {
        var matching = new V1.Matching.MatchingClient(channel);
        var lists = new V1.HashLists.HashListsClient(channel);
        V1.HashResponse hashes = await matching.HashAsync(
            new V1.HashRequest { Image = ByteString.CopyFrom(listed) }, cancellationToken: Cancellation);
        await lists.CreateListAsync(new V1.CreateListRequest { Name = "list" }, cancellationToken: Cancellation);
        using (var stage = lists.StageVersion(cancellationToken: Cancellation))
        {
            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest { Header = new V1.StageVersionRequest.Types.Header { List = "list" } },
                Cancellation);
            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest
                {
                    Batch = new V1.StageVersionRequest.Types.Batch { Entries = { Entries.Pdq(hashes.Hash, "it") } },
                },
                Cancellation);
            await stage.RequestStream.CompleteAsync();
            await stage;
        }

        await lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = "list", Version = 1 }, cancellationToken: Cancellation);
        await Eventually.TrueAsync(
            async () => (await new Grpc.Health.V1.Health.HealthClient(channel).CheckAsync(
                new Grpc.Health.V1.HealthCheckRequest { Service = V1.Matching.Descriptor.FullName },
                cancellationToken: Cancellation)).Status
                    == Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving,
            "the list is matched against", Cancellation);
        return hashes;
    }

    private static bool Writes(string line) =>
        !line.Contains(" = -1 ", StringComparison.Ordinal) && !line.Contains("resumed>", StringComparison.Ordinal)
        && (line.Contains("open", StringComparison.Ordinal)
            ? line.Contains("O_WRONLY", StringComparison.Ordinal) || line.Contains("O_RDWR", StringComparison.Ordinal)
                || line.Contains("O_CREAT", StringComparison.Ordinal)
            : !line.Contains("bind(", StringComparison.Ordinal)
                || line.Contains("AF_UNIX", StringComparison.Ordinal))
        && !line.Contains("+++", StringComparison.Ordinal) && !line.Contains("---", StringComparison.Ordinal);

    // The store, nowhere, the runtime's own memory, and what /proc says of the process itself.
    private static bool IsAllowed(string line, string data) =>
        line.Contains($"\"{data}", StringComparison.Ordinal)
        || line.Contains("\"/dev/null\"", StringComparison.Ordinal)
        || line.Contains("\"/dev/tty\"", StringComparison.Ordinal)
        || line.Contains("\"/proc/self/", StringComparison.Ordinal);

    private static string Require(string name)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            string reason = $"{name} is not installed (Debian: apt-get install {name}).";
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(reason);
            }

            Assert.Skip(reason);
        }

        return path;
    }

    [GeneratedRegex(@"https?://[0-9.]+:[0-9]+")]
    private static partial Regex Address();
}
