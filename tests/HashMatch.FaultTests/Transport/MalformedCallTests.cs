using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Access;
using HashMatch.IntegrationTests.Telemetry;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.FaultTests.Transport;

/// <summary>
/// What is no call, sent to every method: the caller is told that it is the caller's fault, with a reason, and nobody
/// who runs the server is told that the server failed.
/// </summary>
public sealed class MalformedCallTests(AttackedServer attacked) : IClassFixture<AttackedServer>
{
    private static readonly (StatusCode Code, string Reason) Malformed =
        (StatusCode.InvalidArgument, "MALFORMED_MESSAGE");

    private static readonly (StatusCode Code, string Reason) TooLarge =
        (StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE");

    private static readonly (StatusCode Code, string Reason) Compressed =
        (StatusCode.Unimplemented, "COMPRESSED_MESSAGE");

    // The encoding is a header; null for none.
    private static readonly (string Name, byte[] Body, string? Encoding, (StatusCode, string) Expected)[] Bodies =
    [
        ("a prefix of one byte", [0], null, Malformed),
        ("a prefix of three bytes", [0, 0, 0], null, Malformed),
        ("a prefix of four bytes", [0, 0, 0, 0], null, Malformed),
        ("a message that is cut", Frames.Message(new byte[10], length: 100), null, Malformed),
        ("a prefix alone", Frames.Message([], length: 100), null, Malformed),
        ("a message behind which a prefix is cut", [.. Frames.Message([0xFF, 0xFF]), 0, 0], null, Malformed),
        ("compressed without an encoding", Frames.Message(new byte[10], isCompressed: true), null, Malformed),
        ("compressed by identity", Frames.Message(new byte[10], isCompressed: true), "identity", Malformed),
        ("compressed by gzip", Frames.Message(new byte[10], isCompressed: true), "gzip", Compressed),
        ("compressed by what nobody knows", Frames.Message(new byte[10], isCompressed: true), "zip", Compressed),
        ("a flag that there is not", [2, 0, 0, 0, 0], null, Malformed),
        ("bytes that are no message", Frames.Message([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), null, Malformed),
        ("a length over the limit", Frames.Message(new byte[10], length: 1_000_000_000), null, TooLarge),
        ("a length over 2 GiB", Frames.Message(new byte[10], length: uint.MaxValue), null, Malformed),
    ];

    private static readonly (string Name, byte[] Body)[] OnlyOfStreams =
    [
        ("no message", []), ("two messages", [.. Frames.Message([]), .. Frames.Message([])]),
    ];

    private readonly TestedServer _server = attacked.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IEnumerable<MethodDescriptor> Methods =>
        [.. Rpc.All.Values, .. Health.Descriptor.Methods, .. ServerReflection.Descriptor.Methods];

    [Fact]
    public async Task Whoever_sends_what_is_no_message_is_told_so_by_every_method()
    {
        using HttpClient http = new(new SocketsHttpHandler()) { BaseAddress = _server.Address };
        List<string> wrong = [];
        int count = 0;
        foreach (MethodDescriptor method in Methods)
        {
            foreach ((string name, byte[] body, string? encoding, (StatusCode, string) expected) in Bodies)
            {
                await ExpectAsync(method, name, body, encoding, expected);
            }

            foreach ((string name, byte[] body) in method.IsClientStreaming ? [] : OnlyOfStreams)
            {
                await ExpectAsync(method, name, body, null, Malformed);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        FaultRow.Seen("what is no message, to every method", "the caller's fault, with a reason", $"{count} calls");
        await _server.AssertServesAsync(Cancellation);
        PrometheusText seen = await PrometheusText.ReadAsync(_server.JsonAddress.ToString().TrimEnd('/'), Cancellation);
        Assert.True(seen.Find("hashmatch_call_errors_total", ("reason", "MALFORMED_MESSAGE")) > 100, seen.Text);
        foreach (string fault in new[] { "INTERNAL", "UNKNOWN", "CANCELLED" })
        {
            Assert.Null(seen.Find("hashmatch_call_errors_total", ("status", fault)));
            Assert.Null(seen.Find("hashmatch_call_duration_seconds_count", ("status", fault)));
        }

        Assert.Null(seen.Find("hashmatch_call_errors_total", ("reason", "OTHER")));

        async Task ExpectAsync(
            MethodDescriptor method, string name, byte[] body, string? encoding, (StatusCode, string) expected)
        {
            count++;
            (StatusCode, string) answer = await CallAsync(http, method, body, encoding);
            if (answer != expected)
            {
                wrong.Add($"{method.FullName}, {name}: {answer}");
            }
        }
    }

    [Fact]
    public async Task A_method_that_there_is_not_has_a_reason_too()
    {
        using HttpClient http = new(new SocketsHttpHandler()) { BaseAddress = _server.Address };
        foreach (string path in new[] { "hashmatch.v1.Matching/None", "none.Service/None" })
        {
            Assert.Equal(
                (StatusCode.Unimplemented, "METHOD_UNKNOWN"),
                await CallAsync(http, path, Frames.Message([]), null));
        }
    }

    [Fact]
    public async Task A_content_type_that_no_method_takes_is_no_fault_of_the_server()
    {
        using HttpClient http = new(new SocketsHttpHandler()) { BaseAddress = _server.Address };
        foreach (string type in new[] { "text/plain", "application/json", "application/grpc-web" })
        {
            Assert.Equal(
                Malformed, await CallAsync(http, "hashmatch.v1.Matching/Match", Frames.Message([]), null, type));
        }
    }

    [Theory]
    [InlineData("application/GRPC")]
    [InlineData("Application/Grpc+proto")]
    [InlineData("APPLICATION/grpc;charset=x")]
    public async Task A_content_type_of_gRPC_in_any_letters_gets_the_whole_answer(string type)
    {
        using HttpClient http = new(new SocketsHttpHandler()) { BaseAddress = _server.Address };
        var hashes = new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Md5 = new string('a', 32) } } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "hashmatch.v1.Matching/MatchHashes")
        {
            Content = new ByteArrayContent(Frames.Message(hashes.ToByteArray())),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", type);
        using HttpResponseMessage answer = await http.SendAsync(request, Cancellation);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Single(V1.MatchHashesResponse.Parser.ParseFrom(body[5..]).Results);
    }

    private static Task<(StatusCode Code, string Reason)> CallAsync(
        HttpClient http, MethodDescriptor method, byte[] body, string? encoding) =>
        CallAsync(http, $"{method.Service.FullName}/{method.Name}", body, encoding);

    private static async Task<(StatusCode Code, string Reason)> CallAsync(
        HttpClient http, string path, byte[] body, string? encoding, string type = "application/grpc")
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

        using HttpResponseMessage answer = await http.SendAsync(request, Cancellation);
        await answer.Content.LoadIntoBufferAsync(Cancellation);
        HttpHeaders from = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        var code = (StatusCode)int.Parse(from.GetValues("grpc-status").Single(), null);
        string details = from.TryGetValues("grpc-status-details-bin", out IEnumerable<string>? values)
            ? values.Single()
            : "";
        var status = Google.Rpc.Status.Parser.ParseFrom(
            Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        ErrorInfo? info = status.GetDetail<ErrorInfo>();
        Assert.True(info is null or { Domain: "hashmatch" }, info?.Domain);
        Assert.True(info is null || status.Code == (int)code, $"{status.Code} is not {code}");
        return (code, info?.Reason ?? "");
    }
}
