using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

/// <summary>JSON as protobuf's mapping writes it, as callers may write it, and what no caller should.</summary>
public sealed class JsonFormTests(MatchingFixture fixture) : IClassFixture<MatchingFixture>
{
    private const int Mutations = 600;

    // What breaks texts, names, numbers and the readers of them.
    private static readonly string[] Spoilers =
    [
        "\\ud800", "\\udc00", "\\u0000", "\\", "\"", "{", "}", "[", "]", ",", ":", "null", "1e999", "-0", "0.1",
        "\u00e9", "true", "\\\"", "\\u", "{}", "[]", "\"\"", "-", "=", "_", "7e1", " ", "\n", "\\/",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => fixture.Server.Json;

    [Fact]
    public async Task Whole_numbers_of_64_bits_are_text_and_those_of_32_are_numbers()
    {
        JsonElement verdict = await (await PostAsync(
            "/v1/match", Encoding.UTF8.GetBytes($$"""{"image":"{{Convert.ToBase64String(DrawnPicture.Draw(1))}}"}""")))
            .Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(JsonValueKind.String, verdict.GetProperty("indexGeneration").ValueKind);
        Assert.Equal(JsonValueKind.String, verdict.GetProperty("matches")[0].GetProperty("listVersion").ValueKind);
        Assert.Equal(JsonValueKind.Number, verdict.GetProperty("matches")[0].GetProperty("distance").ValueKind);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"7\"")]
    [InlineData("7.0")]
    [InlineData("\"70e-1\"")]
    [InlineData("7000.00e-3")]
    [InlineData("0.000000000000000000000000000000000007e36")]
    public async Task A_whole_number_of_64_bits_may_be_written_in_every_way(string number)
    {
        using HttpResponseMessage answer = await PostAsync(
            "/v1/lists/drawn:rollback", Encoding.UTF8.GetBytes($$"""{"toVersion":{{number}}}"""));
        string said = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("VERSION_NOT_FOUND", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_may_be_in_either_alphabet_and_unpadded()
    {
        byte[] image = DrawnPicture.Draw(1);
        foreach (int more in new[] { 0, 1, 2 })
        {
            string padded = Convert.ToBase64String([.. image, .. new byte[more]]);
            foreach (string text in new[]
            {
                padded, padded.TrimEnd('='), padded.Replace('+', '-').Replace('/', '_'),
                padded.TrimEnd('=').Replace('+', '-').Replace('/', '_'),
                padded.Replace("/", "\\/", StringComparison.Ordinal),
            })
            {
                using HttpResponseMessage answer = await PostAsync(
                    "/v1/match", Encoding.UTF8.GetBytes($$"""{"image":"{{text}}","options":null}"""));
                string said = await answer.Content.ReadAsStringAsync(Cancellation);
                Assert.Contains("OUTCOME_NEAR", said, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Bits_behind_the_last_byte_of_base64_are_passed_over()
    {
        // 'V' has bits behind the 32nd byte, 'U' none.
        string hash = Convert.ToBase64String(new byte[31].Append((byte)0x55).ToArray());
        Assert.EndsWith("U=", hash, StringComparison.Ordinal);
        string[] said = await Task.WhenAll(new[] { hash, hash[..^2] + "V=" }.Select(async text =>
        {
            using HttpResponseMessage answer = await PostAsync(
                "/v1/match-hashes", Encoding.UTF8.GetBytes($$"""{"queries":[{"pdqBytes":"{{text}}"}]}"""));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            JsonElement verdicts = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            return verdicts.GetProperty("results")[0].GetProperty("outcome").GetString()!;
        }));
        Assert.Equal(said[0], said[1]);
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("application/vnd.any+json")]
    public async Task A_type_of_JSON_in_UTF_8_may_be_said_in_every_way(string type)
    {
        using var content = new ByteArrayContent("""{"queries":[]}"""u8.ToArray());
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", type));
        using HttpResponseMessage answer = await Http.PostAsync(
            new Uri("/v1/match-hashes", UriKind.Relative), content, Cancellation);
        using HttpResponseMessage plain = await PostAsync("/v1/match-hashes", """{"queries":[]}"""u8.ToArray());
        Assert.Equal(
            await plain.Content.ReadAsStringAsync(Cancellation), await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_chunk_that_is_none_is_the_senders_fault()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Http.BaseAddress!.Host, Http.BaseAddress.Port, Cancellation);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /v1/match HTTP/1.1\r\nHost: {Http.BaseAddress.Authority}\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            Cancellation);
        using var reader = new StreamReader(client.GetStream());
        string said = await reader.ReadToEndAsync(Cancellation);
        Assert.StartsWith("HTTP/1.1 400 ", said, StringComparison.Ordinal);
        Assert.Contains("MALFORMED_MESSAGE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Null_is_as_if_the_field_were_left_out()
    {
        using HttpResponseMessage answer = await PostAsync("/v1/match-hashes", """{"queries":null}"""u8.ToArray());
        using HttpResponseMessage empty = await PostAsync("/v1/match-hashes", "{}"u8.ToArray());
        Assert.Equal(
            await empty.Content.ReadAsStringAsync(Cancellation), await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(empty.StatusCode, answer.StatusCode);
    }

    [Fact]
    public async Task What_was_right_and_is_spoilt_is_never_a_fault_of_the_server()
    {
        string hash = Entries.RandomPdq(1);
        (string Path, string Body)[] right =
        [
            ("/v1/match", """{"image":"AAAA","options":{"reference":"r","fidelity":"FIDELITY_FAST"}}"""),
            ("/v1/hash", """{"image":"AAAA","dihedral":true,"unknown":{"a":[1,"b",null]}}"""),
            ("/v1/match-hashes", $$"""{"queries":[{"pdq":"{{hash}}","quality":77}],"whenIndeterminate":1}"""),
            ("/v1/match-hashes", """{"queries":[{"md5":null,"quality":"7"}],"options":{}}"""),
            ("/v1/lists", """{"name":"drawn","policy":{"maxDistance":31,"expiresAt":"2031-01-01T00:00:00Z"}}"""),
            ("/v1/lists/none/entries:add", """{"entries":[{"type":"HASH_TYPE_PDQ","value":"x"}]}"""),
        ];
        const int seed = 20261128;
        var random = new Random(seed);
        List<string> faults = [];
        for (int i = 0; i < Mutations; i++)
        {
            (string path, string body) = right[i % right.Length];
            byte[] spoilt = Spoil(Encoding.UTF8.GetBytes(body), random);
            using HttpResponseMessage answer = await PostAsync(path, spoilt);
            string said = await answer.Content.ReadAsStringAsync(Cancellation);
            if ((int)answer.StatusCode >= 500
                || (!answer.IsSuccessStatusCode && !said.Contains("\"hashmatch\"", StringComparison.Ordinal)))
            {
                faults.Add($"{path} {Encoding.Latin1.GetString(spoilt)}: {answer.StatusCode} {said}");
            }
        }

        Assert.True(faults.Count == 0, $"seed {seed}\n{string.Join('\n', faults)}");
    }

    [Theory]
    [InlineData("GET", "/v1/none", HttpStatusCode.NotFound, "METHOD_UNKNOWN")]
    [InlineData("POST", "/v1/none", HttpStatusCode.NotFound, "METHOD_UNKNOWN")]
    [InlineData("POST", "/none", HttpStatusCode.NotFound, "METHOD_UNKNOWN")]
    [InlineData("GET", "/v1/match", HttpStatusCode.NotFound, "METHOD_UNKNOWN")]
    [InlineData("POST", "/hashmatch.v1.Matching/Match", HttpStatusCode.UnsupportedMediaType, "MALFORMED_MESSAGE")]
    public async Task What_nothing_takes_is_refused_with_a_reason(
        string verb, string path, HttpStatusCode code, string reason)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        request.Content = verb == "GET" ? null : new StringContent("{}", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await Http.SendAsync(request, Cancellation);
        string said = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(code, answer.StatusCode);
        Assert.Contains($"\"reason\": \"{reason}\"", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/grpcSECRETSECRET")]
    [InlineData("application/grpc-web")]
    [InlineData("secret/SECRET")]
    public async Task A_content_type_that_only_begins_like_gRPC_is_refused_in_JSON(string type)
    {
        using HttpResponseMessage answer = await PostAsync("/v1/match", "{}"u8.ToArray(), type);
        string said = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"reason\": \"MALFORMED_MESSAGE\"", said, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("SECRET", answer.Headers.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] Spoil(byte[] body, Random random)
    {
        List<byte> spoilt = [.. body];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(spoilt.Count);
            switch (random.Next(4))
            {
                case 0:
                    spoilt.RemoveRange(at, Math.Min(random.Next(1, 4), spoilt.Count - at));
                    break;
                case 1:
                    spoilt[at] = (byte)random.Next(256);
                    break;
                default:
                    spoilt.InsertRange(at, Encoding.UTF8.GetBytes(Spoilers[random.Next(Spoilers.Length)]));
                    break;
            }

            spoilt.Add((byte)' ');
        }

        return [.. spoilt];
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("content-type", type);
        return await Http.SendAsync(request, Cancellation);
    }
}
