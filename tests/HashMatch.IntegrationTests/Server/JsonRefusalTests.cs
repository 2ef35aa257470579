using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

/// <summary>JSON that is no request: refused with a reason, by the name of the field, and in the server's own words.
/// </summary>
public sealed class JsonRefusalTests(MatchingFixture fixture) : IClassFixture<MatchingFixture>
{
    // Of the framework, and of the code behind the API.
    private static readonly string[] Foreign =
        ["Parameter", "HashMatch.", "System.", "Google.", "Exception", "converting", "deserialize", "payload"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => fixture.Server.Json;

    [Theory]
    [InlineData("{\"image\":")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{} {}")]
    [InlineData("{'image':''}")]
    [InlineData("{\"image\":\"\",}")]
    [InlineData("{\"options\":{\"reference\":\"\\x\"}}")]
    [InlineData("{\"imag\\ud800\":\"x\"}")]
    [InlineData("{\"queri\\udc00aaa\":1}")]
    public async Task A_body_that_is_no_JSON_object_is_malformed(string body)
    {
        foreach (string path in new[] { "/v1/match", "/v1/hash", "/v1/match-hashes", "/v1/lists" })
        {
            Assert.Empty(await FailsAsync(HttpMethod.Post, path, body, "MALFORMED_MESSAGE"));
        }
    }

    [Theory]
    [InlineData("/v1/match", "{\"image\":5}", "image")]
    [InlineData("/v1/match", "{\"image\":\"%%%\"}", "image")]
    [InlineData("/v1/match", "{\"image\":[1]}", "image")]
    [InlineData("/v1/match", "{\"image\":\"\",\"options\":[]}", "options")]
    [InlineData("/v1/match", "{\"options\":{\"fidelity\":\"BEST\"}}", "options.fidelity")]
    [InlineData("/v1/match", "{\"options\":{\"fidelity\":1.5}}", "options.fidelity")]
    [InlineData("/v1/match", "{\"options\":{\"dihedral\":\"yes\"}}", "options.dihedral")]
    [InlineData("/v1/match", "{\"options\":{\"reference\":7}}", "options.reference")]
    [InlineData("/v1/match", "{\"options\":{\"reference\":\"\\ud800\"}}", "options.reference")]
    [InlineData("/v1/match-hashes", "{\"queries\":{}}", "queries")]
    [InlineData("/v1/match-hashes", "{\"queries\":[null]}", "queries[0]")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{},{\"quality\":-1}]}", "queries[1].quality")]
    [InlineData("/v1/match", "{\"image\":\"\\ud800\"}", "image")]
    [InlineData("/v1/match", "{\"image\":\"AAAAA\"}", "image")]
    [InlineData("/v1/match", "{\"image\":\"AA=\"}", "image")]
    [InlineData("/v1/match", "{\"options\":{\"fidel\\ud800\":1}}", "options")]
    [InlineData("/v1/match", "{\"options\":{\"fidelity\":\"FIDELITY_\\ud800\"}}", "options.fidelity")]
    [InlineData("/v1/match", "{\"options\":{\"when_indeterminate\":\"1\"}}", "options.when_indeterminate")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"pd\\ud800\":\"x\"}]}", "queries[0]")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"pdqBytes\":\"AAAAA\"}]}", "queries[0].pdq_bytes")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":\"many\"}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":70.5}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":\"\\udfff\"}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":1e99}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":1e-30}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":\"-1e-99999999999\"}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":9.9999999999999999999999999}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"quality\":4294967296}]}", "queries[0].quality")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"pdqBytes\":\"=\"}]}", "queries[0].pdq_bytes")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"pdq\":\"1\",\"md5\":\"1\"}]}", "queries[0].md5")]
    [InlineData("/v1/lists", "{\"name\":\"x\",\"policy\":{\"expiresAt\":\"tomorrow\"}}", "policy.expires_at")]
    [InlineData("/v1/lists", "{\"name\":\"x\",\"policy\":{\"expiresAt\":{}}}", "policy.expires_at")]
    [InlineData("/v1/lists", "{\"name\":\"x\",\"policy\":{\"action\":\"ACTION_X\"}}", "policy.action")]
    [InlineData("/v1/lists/x/entries:add", "{\"entries\":[{\"type\":\"PDQ\"}]}", "entries[0].type")]
    public async Task A_value_that_its_field_does_not_take_is_refused_by_the_fields_name(
        string path, string body, string field) =>
        Assert.Equal([field], await FailsAsync(HttpMethod.Post, path, body, "INVALID_FIELD"));

    [Theory]
    [InlineData("/v1/match", "{\"image\":\"\",\"image\":\"\"}", "image")]
    [InlineData("/v1/match", "{\"options\":{},\"options\":{}}", "options")]
    [InlineData("/v1/match", "{\"options\":{\"reference\":\"a\",\"reference\":\"b\"}}", "options.reference")]
    [InlineData("/v1/match-hashes", "{\"queries\":[{\"pdqBytes\":\"\",\"pdq_bytes\":\"\"}]}", "queries[0].pdq_bytes")]
    [InlineData("/v1/match", "{\"options\":{\"referenc\\u0065\":\"a\",\"reference\":\"b\"}}", "options.reference")]
    [InlineData("/v1/lists", "{\"name\":\"a\",\"name\":\"b\"}", "name")]
    public async Task A_field_that_stands_twice_is_refused(string path, string body, string field) =>
        Assert.Equal([field], await FailsAsync(HttpMethod.Post, path, body, "INVALID_FIELD"));

    [Fact]
    public async Task Paths_and_queries_are_held_to_their_fields_too()
    {
        Assert.Equal(
            ["pageSize"], await FailsAsync(HttpMethod.Get, "/v1/events?pageSize=many", null, "INVALID_FIELD"));
        foreach (string twice in new[] { "page_size=5&page_size=6", "pageSize=5&page_size=6", "pageSize=5&pageSize=5" })
        {
            string[] named = await FailsAsync(HttpMethod.Get, $"/v1/events?{twice}", null, "INVALID_FIELD");
            Assert.Contains(Assert.Single(named), new[] { "pageSize", "page_size" });
        }

        Assert.Equal(
            ["version"], await FailsAsync(HttpMethod.Delete, "/v1/lists/drawn/versions/one", null, "INVALID_FIELD"));
        Assert.Empty(await FailsAsync(HttpMethod.Post, "/v1/lists", "name=x", "MALFORMED_MESSAGE", "text/plain"));
    }

    [Fact]
    public async Task What_is_right_is_still_taken_in_every_way_in_which_it_may_be_written()
    {
        string hash = Entries.RandomPdq(1);
        string base64 = Convert.ToBase64String(Convert.FromHexString(hash));
        List<string> refused = [];
        foreach (string body in new[]
        {
            $$"""{"queries":[{"pdq":"{{hash}}"}],"whenIndeterminate":"WHEN_INDETERMINATE_HOLD"}""",
            $$"""{"queries":[{"pdq":"{{hash}}"}],"whenIndeterminate":1}""",
            $$"""{"queries":[{"unknown":{"a":[1,{"a":2}]},"pdq":"{{hash}}","quality":77}],"when_indeterminate":null}""",
            $$"""{"queries":[{"pdq_bytes":"{{base64}}"}],"queries2":1}""",
            $$"""{"queries":[{"pdqBytes":"{{base64.TrimEnd('=')}}"}]}""",
            $$"""{"queries":[{"pdqBytes":"{{base64.Replace('+', '-').Replace('/', '_')}}"}]}""",
            $$"""{"queries":[{"pdq":"{{hash}}","quality":"70"},{"quality":70.0,"pdq":"{{hash}}"}]}""",
            $$"""{"queries":[{"pdq":"{{hash}}","quality":7e1}],"whenIndeterminate":1.0}""",
            $$"""{"queries":[{"quality":null,"md5":null,"pdq":"{{hash}}","pdqBytes":null}]}""",
        })
        {
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/v1/match-hashes", body);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                refused.Add(body + await answer.Content.ReadAsStringAsync(Cancellation));
            }
        }

        Assert.True(refused.Count == 0, string.Join('\n', refused));
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod verb, string path, string? body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(verb, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        return await Http.SendAsync(request, Cancellation);
    }

    // Returns the fields that are named.
    private async Task<string[]> FailsAsync(
        HttpMethod verb, string path, string? body, string reason, string type = "application/json")
    {
        using HttpResponseMessage answer = await SendAsync(verb, path, body, type);
        string text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{path} {body} {answer.StatusCode} {text}");
        Assert.DoesNotContain(Foreign, word => text.Replace("type.googleapis.com/google.", "", StringComparison.Ordinal)
            .Contains(word, StringComparison.Ordinal));
        JsonElement[] details =
            [.. JsonDocument.Parse(text).RootElement.GetProperty("details").EnumerateArray()];
        Assert.Contains(details, detail =>
            detail.TryGetProperty("reason", out JsonElement said) && said.GetString() == reason
            && detail.GetProperty("domain").GetString() == "hashmatch");
        return
        [
            .. details.Where(detail => detail.TryGetProperty("fieldViolations", out _))
                .SelectMany(detail => detail.GetProperty("fieldViolations").EnumerateArray())
                .Select(violation => violation.GetProperty("field").GetString()!),
        ];
    }
}
