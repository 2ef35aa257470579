using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

/// <summary>The same API for those without gRPC.</summary>
public sealed class JsonTests(MatchingFixture fixture) : IClassFixture<MatchingFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => fixture.Server.Json;

    [Fact]
    public async Task An_upload_in_base64_gets_its_verdict()
    {
        JsonElement verdict = await PostAsync("/v1/match", new
        {
            image = DrawnPicture.Draw(1),
            options = new { reference = "r", fidelity = "FIDELITY_REFERENCE" },
        });
        Assert.Equal("OUTCOME_NEAR", verdict.GetProperty("outcome").GetString());
        Assert.Equal("ACTION_BLOCK", verdict.GetProperty("action").GetString());
        Assert.Equal("drawn-1", verdict.GetProperty("matches")[0].GetProperty("externalId").GetString());
        Assert.Equal(0, verdict.GetProperty("matches")[0].GetProperty("distance").GetInt32());
        Assert.Equal("r", verdict.GetProperty("reference").GetString());
    }

    [Fact]
    public async Task Hashes_are_made_and_matched()
    {
        JsonElement hashed = await PostAsync("/v1/hash", new { image = DrawnPicture.Draw(1), dihedral = true });
        string hash = hashed.GetProperty("hash").GetString()!;
        Assert.Equal(("png", 256, 8), (
            hashed.GetProperty("format").GetString(), hashed.GetProperty("width").GetInt32(),
            hashed.GetProperty("dihedral").GetArrayLength()));
        JsonElement matched = await PostAsync("/v1/match-hashes", new { queries = new[] { new { pdq = hash } } });
        Assert.Equal("OUTCOME_NEAR", matched.GetProperty("results")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Lists_and_events_are_read()
    {
        JsonElement lists = await Http.GetFromJsonAsync<JsonElement>("/v1/lists", Cancellation);
        Assert.Contains("drawn", lists.GetProperty("lists").EnumerateArray().Select(
            list => list.GetProperty("name").GetString()));
        JsonElement list = await Http.GetFromJsonAsync<JsonElement>("/v1/lists/drawn", Cancellation);
        Assert.Equal(31, list.GetProperty("policy").GetProperty("maxDistance").GetInt32());
        JsonElement events = await Http.GetFromJsonAsync<JsonElement>("/v1/events?pageSize=1", Cancellation);
        Assert.True(events.TryGetProperty("events", out _));
    }

    [Fact]
    public async Task A_list_is_curated()
    {
        JsonElement made = await PostAsync(
            "/v1/lists", new { name = "by-json", policy = new { action = "ACTION_REVIEW" } });
        Assert.Equal("ACTION_REVIEW", made.GetProperty("policy").GetProperty("action").GetString());
        using HttpResponseMessage patched = await Http.PatchAsJsonAsync(
            "/v1/lists/by-json", new { description = "d", policy = new { maxDistance = 5 } }, Cancellation);
        JsonElement list = await patched.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(("d", 5), (
            list.GetProperty("description").GetString(),
            list.GetProperty("policy").GetProperty("maxDistance").GetInt32()));
        using HttpResponseMessage deleted = await Http.DeleteAsync("/v1/lists/by-json", Cancellation);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await FailsAsync(
            await Http.GetAsync("/v1/lists/by-json", Cancellation), HttpStatusCode.NotFound, "LIST_NOT_FOUND");
    }

    [Fact]
    public async Task Errors_carry_their_reason_and_the_field()
    {
        JsonElement error = await FailsAsync(
            await Http.PostAsJsonAsync("/v1/match", new { image = "" }, Cancellation),
            HttpStatusCode.BadRequest, "INVALID_FIELD");
        Assert.Contains(error.GetProperty("details").EnumerateArray(), detail =>
            detail.TryGetProperty("fieldViolations", out JsonElement fields)
            && fields[0].GetProperty("field").GetString() == "image");
        await FailsAsync(
            await Http.PostAsJsonAsync(
                "/v1/match", new { image = new byte[MatchingFixture.MaxImageBytes + 1] }, Cancellation),
            HttpStatusCode.RequestEntityTooLarge, "UPLOAD_TOO_LARGE");
        using var large = new ByteArrayContent(
            JsonSerializer.SerializeToUtf8Bytes(new { image = new byte[MatchingFixture.MaxImageBytes * 2] }));
        large.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        await FailsAsync(
            await Http.PostAsync("/v1/match", large, Cancellation),
            HttpStatusCode.RequestEntityTooLarge, "MESSAGE_TOO_LARGE");
        using var broken = new StringContent("{\"image\":", Encoding.UTF8, "application/json");
        Assert.Equal(
            HttpStatusCode.BadRequest, (await Http.PostAsync("/v1/match", broken, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync("/v1/nothing", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Answers_say_nothing_of_what_serves_them()
    {
        using HttpResponseMessage response = await Http.GetAsync("/health/ready", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
    }

    private static async Task<JsonElement> FailsAsync(HttpResponseMessage response, HttpStatusCode code, string reason)
    {
        using (response)
        {
            Assert.Equal(code, response.StatusCode);
            JsonElement error = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            Assert.Contains(error.GetProperty("details").EnumerateArray(), detail =>
                detail.TryGetProperty("reason", out JsonElement said) && said.GetString() == reason);
            return error;
        }
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await Http.PostAsJsonAsync(path, body, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
