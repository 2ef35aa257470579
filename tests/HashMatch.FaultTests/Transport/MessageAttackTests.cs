using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using HashMatch.FaultTests.Serving;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Transport;

/// <summary>Requests that are HTTP/2, and not what they say they are.</summary>
public sealed class MessageAttackTests(AttackedServer attacked) : IClassFixture<AttackedServer>
{
    // An inflated message grows in arrays of twice the size, up to 64 MB, and waits for a collection.
    private const long MaxGrowthMb = 700;

    // Not 1, CANCELLED, which the caller did not, nor 2 and 13, UNKNOWN and INTERNAL, which say that the server is
    // wrong.
    private static readonly string[] Answers = ["0", "3", "4", "5", "7", "8", "9", "10", "11", "12", "14", "16"];
    private static readonly string[] Methods =
    [
        "hashmatch.v1.Matching/Match", "hashmatch.v1.Matching/MatchUpload", "hashmatch.v1.Matching/MatchStream",
        "hashmatch.v1.Matching/MatchHashes", "hashmatch.v1.Matching/Hash", "hashmatch.v1.HashLists/CreateList",
        "hashmatch.v1.HashLists/StageVersion", "grpc.health.v1.Health/Check",
    ];

    private static readonly TimeSpan AttackTime = TimeSpan.FromSeconds(4);
    private readonly TestedServer _server = attacked.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Random_bytes_for_messages() => SendAllAsync(
        "malformed protobuf, random", "a status", Bodies(random =>
        {
            byte[] body = new byte[random.Next(1, 3000)];
            random.NextBytes(body);
            return Frames.Message(body);
        }));

    [Fact]
    public Task Messages_that_are_almost_right() => SendAllAsync(
        "malformed protobuf, structured", "a status", Bodies(random =>
        {
            byte[] body = new V1.MatchRequest
            {
                Image = ByteString.CopyFrom(TestedServer.Picture(random.Next(8))),
                Options = new V1.MatchOptions { Reference = "reference", Dihedral = true },
            }.ToByteArray();
            int at = random.Next(Math.Min(30, body.Length));
            body[at] = (byte)random.Next(256);
            return Frames.Message(random.Next(2) == 0 ? body : body[..random.Next(body.Length)]);
        }));

    [Fact]
    public Task Deep_and_endless_fields() => SendAllAsync(
        "protobuf nested 100,000 deep, varints without end", "a status",
        [
            Frames.Message([.. Enumerable.Repeat<byte>(0x12, 100_000)]),
            Frames.Message([.. Enumerable.Repeat<byte>(0x0B, 1_000_000)]),
            Frames.Message([.. Enumerable.Repeat<byte>(0xFF, 1_000_000)]),
            Frames.Message([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]),
            Frames.Message([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
        ]);

    [Fact]
    public Task Lengths_that_lie() => SendAllAsync(
        "lying lengths", "a status",
        [
            Frames.Message(new byte[100], length: 101), Frames.Message(new byte[100], length: 99),
            Frames.Message(new byte[100], length: 0), Frames.Message([], length: uint.MaxValue),
            Frames.Message(new byte[100], length: int.MaxValue), Frames.Message(new byte[10], length: 30_000_000),
            [0], [0, 0, 0], [0, 0, 0, 0, 0], [.. Frames.Message([]), .. Frames.Message([])], [2, 0, 0, 0, 0], [],
        ]);

    [Fact]
    public Task Messages_that_are_small_until_they_are_inflated() => SendAllAsync(
        "compressed bombs: 1 GB of zeros by gzip", "refused, memory is bounded",
        [Frames.Message(Zeros(1024), isCompressed: true), Frames.Message(new byte[100], isCompressed: true)],
        encoding: "gzip");

    [Fact]
    public Task An_encoding_that_nobody_knows() => SendAllAsync(
        "unknown grpc-encoding", "a status", [Frames.Message(new byte[10], isCompressed: true)],
        encoding: "zip-of-death");

    [Fact]
    public Task Content_types_and_methods_that_there_are_not() => Attack.RunAsync(
        _server, "wrong content types, unknown methods, paths that are not UTF-8", "4xx or UNIMPLEMENTED",
        async token =>
        {
            int count = 0;
            using HttpClient http = Client();
            string[] types =
                ["text/plain", "application/json", "application/grpc+nonsense", "application/grpc-web", "x/y"];
            string[] paths =
            [
                "hashmatch.v1.Matching/Match", "hashmatch.v1.Matching/None", "none.Service/None", "", "%ff%fe/%c0%80",
                "hashmatch.v1.Matching/Match/../../x", new string('a', 8000), "a?b=%00",
            ];
            foreach (string path in paths)
            {
                foreach (string type in types)
                {
                    using HttpResponseMessage answer = await PostAsync(http, path, new byte[10], type, null, token);
                    Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
                    count++;
                }
            }

            // Raw, since no client lets them through.
            foreach (string path in (string[])["/\u00ff\u00fe", "/\u0000", "no-slash", "*", "/ \t", "/\u00c3("])
            {
                using RawConnection connection = await RawConnection.OpenHttp2Async(_server.Address, token);
                await connection.SendAsync(
                    Frames.Frame(Frames.Headers, Frames.EndHeaders | Frames.EndStream, 1, Frames.Call(path)), token);
                for (int wait = 0; wait < 400 && connection.Received(Frames.Headers) + connection.Received(Frames.Reset)
                    + connection.Received(Frames.GoAway) == 0 && !connection.IsClosed; wait++)
                {
                    await Task.Delay(5, token);
                }

                Assert.True(
                    connection.IsClosed || connection.Received(Frames.Headers) + connection.Received(Frames.Reset)
                    + connection.Received(Frames.GoAway) > 0, $"Nothing is answered to a path of {path.Length}.");
                count++;
            }

            return $"{count} requests answered";
        },
        TimeSpan.FromSeconds(60), MaxGrowthMb);

    [Fact]
    public Task Lengths_of_http1_that_lie() => Attack.RunAsync(
        _server, "HTTP/1.1: content-length and chunks that lie", "400, or closed",
        async token =>
        {
            const string post = "POST /v1/match HTTP/1.1\r\nHost: x\r\n";
            string[] requests =
            [
                post + "Content-Length: 10\r\nContent-Length: 20\r\n\r\n0123456789",
                post + "Content-Length: -1\r\n\r\n",
                post + "Content-Length: 99999999999999999999\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
                post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "POST /v1/match HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\0\0\0\0",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                post + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{{{{{{{",
            ];
            foreach (string request in requests)
            {
                using RawConnection connection = await RawConnection.OpenAsync(_server.JsonAddress, token);
                await connection.SendAsync(Encoding.Latin1.GetBytes(request), token);
                for (int wait = 0; wait < 40 && !connection.IsClosed; wait++)
                {
                    await Task.Delay(5, token);
                }
            }

            using var http = new HttpClient { BaseAddress = _server.JsonAddress };
            foreach (string json in (string[])
                [
                    new string('[', 1_000_000), "{\"image\":" + new string('[', 100_000), "\"", "{\"image\":\"%%%\"}",
                    "null",
                ])
            {
                using var body = new StringContent(json, Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await http.PostAsync("/v1/match", body, token);
                Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            }

            return $"{requests.Length} requests and 5 broken JSON texts refused";
        },
        TimeSpan.FromSeconds(60), MaxGrowthMb);

    private static IEnumerable<byte[]> Bodies(Func<Random, byte[]> make)
    {
        var random = new Random(6);
        while (true)
        {
            yield return make(random);
        }
    }

    private static byte[] Zeros(int megabytes)
    {
        using var data = new MemoryStream();
        using (var gzip = new GZipStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            // Field 1, 1 GB long, as a message that is right but for its size.
            gzip.Write([0x0A, 0x80, 0x80, 0x80, 0x80, 0x04]);
            byte[] block = new byte[1024 * 1024];
            for (int i = 0; i < megabytes; i++)
            {
                gzip.Write(block);
            }
        }

        return data.ToArray();
    }

    private async Task SendAllAsync(
        string injected, string expected, IEnumerable<byte[]> bodies, string? encoding = null) =>
        await Attack.RunAsync(
            _server, injected, expected,
            async token =>
            {
                var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
                using HttpClient http = Client();
                int number = 0;
                foreach (byte[] body in bodies)
                {
                    foreach (string method in body.Length > 1_000_000 || number < 30 ? Methods : [Methods[number % 8]])
                    {
                        using HttpResponseMessage answer = await PostAsync(
                            http, method, body, "application/grpc", encoding, Cancellation);
                        string status = await StatusOfAsync(answer);
                        seen[status] = seen.GetValueOrDefault(status) + 1;
                    }

                    number++;
                    if (token.IsCancellationRequested)
                    {
                        break;
                    }
                }

                return "grpc-status " + string.Join(", ", seen.Select(status => $"{status.Key} x{status.Value}"));
            },
            AttackTime, MaxGrowthMb);

    private static async Task<string> StatusOfAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await answer.Content.LoadIntoBufferAsync(Cancellation);
        HttpHeaders from = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        string status = from.GetValues("grpc-status").Single();
        Assert.True(Answers.Contains(status), $"grpc-status {status} of {answer.RequestMessage!.RequestUri}");
        return status;
    }

    private HttpClient Client() => new(new SocketsHttpHandler())
    {
        BaseAddress = _server.Address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Task<HttpResponseMessage> PostAsync(
        HttpClient http, string path, byte[] body, string type, string? encoding, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(body),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TE.ParseAdd("trailers");
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        return await http.SendAsync(request, token);
    }
}
