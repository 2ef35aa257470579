using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>What callers send, and who they are, is in no log, metric or span, however much is asked for.</summary>
public sealed class LeakTests : IDisposable
{
    /// <summary>Stands in every text that a caller can choose.</summary>
    private const string Canary = "canary-zQ7xW9k";

    private static readonly byte[] Fragment = [0xd3, 0x9c, 0x01, 0xfe, 0xa7, 0x5b, 0x88, 0x6d, .. "fragZq7w"u8];
    private static readonly string Hash = Entries.RandomPdq(4711);

    // Linux answers on all of 127.0.0.0/8; elsewhere the caller's address is everybody's.
    private static readonly IPAddress Caller = IPAddress.Parse(OperatingSystem.IsLinux() ? "127.0.77.3" : "127.0.0.1");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>All that a careless operator can turn on.</summary>
    private static string[] Loudest =>
    [
        "--Logging:LogLevel:Default=Trace",
        "--Logging:LogLevel:Microsoft=Trace",
        "--Logging:LogLevel:Grpc=Trace",
        "--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics=Trace",
        "--Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host=Trace",
        "--Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks=Trace",
        "--Logging:Console:LogLevel:Default=Trace",
        "--Logging:Console:FormatterName=simple",
        "--Logging:Console:FormatterOptions:IncludeScopes=true",
        "--HashMatch:Telemetry:LogCalls=true",
        "--HashMatch:Telemetry:TraceSampling=1",
        "--HashMatch:Telemetry:OtlpProtocol=Http",
        "--HashMatch:Images:MaxImageBytes=1048576",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Text")]
    [InlineData("Json")]
    public async Task Nothing_of_a_call_is_in_logs_metrics_or_spans_with_everything_turned_on(string logs)
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(Cancellation);
        string metrics;
        string log;
        using (ServerProgram program = await ServerProgram.StartReadyAsync(
            $"sqlite:{_folder["data"]}",
            Cancellation,
            [
                .. Loudest, $"--HashMatch:Telemetry:OtlpEndpoint={collector.Address}",
                $"--HashMatch:Telemetry:Logs={logs}",
            ]))
        {
            using GrpcChannel channel = Connect(program.Addresses[0]);
            await UseAsync(channel);
            await CallAllAsync(channel);
            await CallByHttpAsync(program.Addresses[1]);
            await SendNonsenseAsync(program.Addresses[0]);
            await SendNonsenseAsync(program.Addresses[1]);
            using var http = new HttpClient();
            metrics = await http.GetStringAsync(new Uri($"{program.Addresses[1]}/metrics"), Cancellation);
            program.Terminate();
            Assert.Equal(0, await program.EndAsync(Cancellation));
            log = program.Output;
        }

        byte[] spans = [.. collector.Traces.SelectMany(body => body)];
        byte[] sent = [.. collector.Metrics.SelectMany(body => body)];
        // That there is something to find nothing in.
        Assert.Contains("Matching/MatchHashes OK", log, StringComparison.Ordinal);
        Assert.Contains("rpc=\"HashLists/GetList\"", metrics, StringComparison.Ordinal);
        Assert.Contains("list=\"plain\"", metrics, StringComparison.Ordinal);
        Assert.True(Has(spans, "Matching/Match"u8) && Has(spans, "decode"u8), "no spans");
        Assert.True(Has(sent, "hashmatch.call.duration"u8), "no metrics");
        foreach (byte[] secret in Secrets())
        {
            string text = Encoding.Latin1.GetString(secret);
            Assert.DoesNotContain(text, log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(text, metrics, StringComparison.OrdinalIgnoreCase);
            Assert.False(Has(spans, secret), $"{text} is in a span");
            Assert.False(Has(sent, secret), $"{text} is in a metric");
        }
    }

    private static bool Has(ReadOnlySpan<byte> all, ReadOnlySpan<byte> part) => all.IndexOf(part) >= 0;

    private static IEnumerable<byte[]> Secrets()
    {
        byte[] hash = Convert.FromHexString(Hash);
        string[] texts =
        [
            Canary,
            Hash[..16],
            Convert.ToBase64String(hash)[..16],
            Convert.ToHexString(Fragment),
            Convert.ToBase64String(Fragment)[..12],
            "fragZq7w",
        ];
        return
        [
            .. texts.Select(Encoding.ASCII.GetBytes), hash[..16], Fragment,
            .. OperatingSystem.IsLinux() ? [Encoding.ASCII.GetBytes(Caller.ToString())] : Array.Empty<byte[]>(),
        ];
    }

    private static Metadata Headers() => new()
    {
        // A caller's own words, wherever they can stand.
        { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        { "tracestate", $"{Canary.ToLowerInvariant()}={Canary}" },
        { "baggage", $"{Canary}={Canary}" },
        { "user-agent", Canary },
        { Canary.ToLowerInvariant(), Canary },
    };

    private static GrpcChannel Connect(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = Handler(),
        DisposeHttpClient = true,
    });

    private static SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(Caller, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    /// <summary>As callers should: a list of canaries, and uploads that match them.</summary>
    private static async Task UseAsync(GrpcChannel channel)
    {
        var lists = new V1.HashLists.HashListsClient(channel);
        var matching = new V1.Matching.MatchingClient(channel);
        byte[] picture = DrawnPicture.Draw(1, Fragment);
        var image = ByteString.CopyFrom(picture);
        V1.HashResponse hashed = await matching.HashAsync(
            new V1.HashRequest { Image = image }, Headers(), cancellationToken: Cancellation);
        await lists.CreateListAsync(
            new V1.CreateListRequest { Name = "plain", Description = Canary }, Headers(),
            cancellationToken: Cancellation);
        using (var stage = lists.StageVersion(Headers(), cancellationToken: Cancellation))
        {
            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest
                {
                    Header = new V1.StageVersionRequest.Types.Header { List = "plain", Source = $"{Canary}.csv" },
                },
                Cancellation);
            V1.Entry[] entries = [Entries.Pdq(hashed.Hash, Canary), Entries.Pdq(Hash, Canary)];
            foreach (V1.Entry entry in entries)
            {
                (entry.Note, entry.Classification, entry.Severity) = (Canary, Canary, Canary);
            }

            await stage.RequestStream.WriteAsync(
                new V1.StageVersionRequest { Batch = new V1.StageVersionRequest.Types.Batch { Entries = { entries } } },
                Cancellation);
            await stage.RequestStream.CompleteAsync();
            await stage;
        }

        await lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = "plain", Version = 1 }, Headers(), cancellationToken: Cancellation);
        var options = new V1.MatchOptions { Reference = Canary };
        var request = new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = Hash } } };
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await matching.MatchHashesAsync(request, Headers(), cancellationToken: Cancellation))
                        .Results[0].Outcome == V1.Outcome.Near;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the list is matched against", Cancellation);
        V1.MatchResponse verdict = await matching.MatchAsync(
            new V1.MatchRequest { Image = image, Options = options }, Headers(), cancellationToken: Cancellation);
        Assert.Equal(Canary, verdict.Matches[0].ExternalId);
        foreach (byte[] bad in new[] { picture[..^100], Repeat(100), Repeat(70_000) })
        {
            await TryAsync(async () => await matching.MatchAsync(
                new V1.MatchRequest { Image = ByteString.CopyFrom(bad), Options = options }, Headers(),
                cancellationToken: Cancellation));
        }
    }

    private static async Task CallAllAsync(GrpcChannel channel)
    {
        var caller = new ApiCaller(channel.CreateCallInvoker(), Canary, ByteString.CopyFrom(Repeat(4)));
        Assert.NotEmpty(ApiCaller.Methods);
        foreach (MethodDescriptor method in ApiCaller.Methods)
        {
            StatusCode status = await caller.CallAsync(method, Headers(), Cancellation);
            Assert.True(status != StatusCode.Unimplemented, $"{method.FullName} is not served");
        }
    }

    private static async Task CallByHttpAsync(string address)
    {
        using var http = new HttpClient(Handler()) { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Add("baggage", $"{Canary}={Canary}");
        http.DefaultRequestHeaders.Add("user-agent", Canary);
        foreach (string path in new[]
        {
            $"/v1/lists/{Canary}?{Canary}={Canary}", $"/{Canary}", $"/v1/events?after={Canary}", $"/metrics?{Canary}",
            $"/health/ready?{Canary}", $"/v1/lists/{Hash}",
        })
        {
            (await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation)).Dispose();
        }

        (await http.PostAsJsonAsync(
            "/v1/match", new { image = Repeat(10), options = new { reference = Canary } }, Cancellation)).Dispose();
        (await http.PostAsJsonAsync(
            "/v1/match-hashes", new { queries = new[] { new { pdq = Hash + Canary } } }, Cancellation)).Dispose();
        using var malformed = new StringContent($"{{\"image\": \"{Canary}{Hash}", Encoding.UTF8, "application/json");
        (await http.PostAsync(new Uri("/v1/match", UriKind.Relative), malformed, Cancellation)).Dispose();
        using var large = new StringContent(
            $"{{\"image\": \"{new string('A', 3_000_000)}{Canary}\"}}", Encoding.UTF8, "application/json");
        await TryAsync(async () => (await http.PostAsync(
            new Uri("/v1/match", UriKind.Relative), large, Cancellation)).Dispose());
    }

    /// <summary>Bytes that are no HTTP, and a request line that is a bad one.</summary>
    private static async Task SendNonsenseAsync(string address)
    {
        var uri = new Uri(address);
        foreach (string text in new[]
        {
            $"GET /{Canary} HTTP/9.9\r\n{Canary}: {Hash}\r\n\r\n",
            $"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{Canary}{Canary}{Canary}",
            $"GET / HTTP/1.1\r\nHost: {Canary}\r\n{Canary}\u0001: x\r\n\r\n",
        })
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(Caller, 0));
            await socket.ConnectAsync(uri.Host, uri.Port, Cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes(text), Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[4096];
            await TryAsync(async () =>
            {
                while (await socket.ReceiveAsync(answer, Cancellation) > 0)
                {
                }
            });
        }
    }

    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is RpcException or HttpRequestException or SocketException)
        {
            // Refusals are part of it.
        }
    }

    private static byte[] Repeat(int times) => [.. Enumerable.Repeat(Fragment, times).SelectMany(bytes => bytes)];
}
