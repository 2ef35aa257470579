using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Xunit;

namespace HashMatch.IntegrationTests.Access;

/// <summary>Every RPC by every role and every kind of credential, over gRPC and over JSON.</summary>
public sealed class AccessTests(AccessFixture fixture) : IClassFixture<AccessFixture>
{
    private static readonly string[] Matcher = ["matcher", AccessFixture.Details];
    private static readonly string[] Editor = ["list-editor"];
    private static readonly string[] Activates = ["list-editor", "list-approver"];
    private static readonly string[] Reads = ["list-editor", "list-approver", "auditor"];

    // Who may make which call, said a second time: a call without a row fails the test.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["/hashmatch.v1.Matching/Match"] = Matcher,
        ["/hashmatch.v1.Matching/MatchUpload"] = Matcher,
        ["/hashmatch.v1.Matching/MatchStream"] = Matcher,
        ["/hashmatch.v1.Matching/MatchHashes"] = Matcher,
        ["/hashmatch.v1.Matching/Hash"] = ["list-editor", AccessFixture.Details],
        ["/hashmatch.v1.HashLists/ListLists"] = Reads,
        ["/hashmatch.v1.HashLists/GetList"] = Reads,
        ["/hashmatch.v1.HashLists/CreateList"] = Editor,
        ["/hashmatch.v1.HashLists/UpdateList"] = Editor,
        ["/hashmatch.v1.HashLists/DeleteList"] = Editor,
        ["/hashmatch.v1.HashLists/StageVersion"] = Editor,
        ["/hashmatch.v1.HashLists/ActivateVersion"] = Activates,
        ["/hashmatch.v1.HashLists/ApproveVersion"] = ["list-approver"],
        ["/hashmatch.v1.HashLists/ApproveChange"] = ["list-approver"],
        ["/hashmatch.v1.HashLists/RejectChange"] = Activates,
        ["/hashmatch.v1.HashLists/RollBack"] = Activates,
        ["/hashmatch.v1.HashLists/RetireVersion"] = Editor,
        ["/hashmatch.v1.HashLists/DeleteVersion"] = Editor,
        ["/hashmatch.v1.HashLists/AddEntries"] = Editor,
        ["/hashmatch.v1.HashLists/RemoveEntries"] = Editor,
        ["/hashmatch.v1.HashLists/ReleaseEntries"] = Editor,
        ["/hashmatch.v1.Events/ListEvents"] = ["auditor"],
        ["/hashmatch.v1.Audit/ListRecords"] = ["auditor"],
        ["/hashmatch.v1.Audit/GetCheckpoint"] = ["auditor"],
    };

    public static TheoryData<string> Rpcs => [.. Rpc.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_rpc_has_a_row() => Assert.Equal(Rpc.All.Keys.Order(), Allowed.Keys.Order());

    [Theory]
    [MemberData(nameof(Rpcs))]
    public async Task An_rpc_is_for_its_roles_alone_whatever_vouches_for_them(string name)
    {
        MethodDescriptor method = Rpc.All[name];
        string[] allowed = Allowed.GetValueOrDefault(name, []);
        Assert.True(fixture.Credentials.Count > 50);
        foreach (Credential credential in fixture.Credentials)
        {
            RpcException? status =
                await Rpc.CallAsync(fixture.ChannelOf(credential), method, credential, Cancellation);
            (StatusCode code, string reason) = ExpectedOf(credential, allowed);
            string said = $"{name} by {credential}: {status?.Status}";
            if (code == StatusCode.OK)
            {
                Assert.True(
                    status is null or { StatusCode: not (StatusCode.Unauthenticated or StatusCode.PermissionDenied) },
                    said);
                continue;
            }

            Assert.True(status?.StatusCode == code, said);
            ErrorInfo? info = status!.GetRpcStatus()?.GetDetail<ErrorInfo>();
            Assert.True((info?.Domain, info?.Reason) == ("hashmatch", reason), said);
        }
    }

    [Theory]
    [MemberData(nameof(Rpcs))]
    public async Task A_path_of_json_is_for_its_roles_alone(string name)
    {
        if (Rpc.JsonOf(Rpc.All[name]) is not { } json)
        {
            return;
        }

        string[] allowed = Allowed.GetValueOrDefault(name, []);
        foreach (Credential credential in fixture.Credentials)
        {
            using HttpResponseMessage response = await SendAsync(credential, json.Verb, json.Path);
            (StatusCode code, string reason) = ExpectedOf(credential, allowed);
            string said = $"{name} by {credential}: {response.StatusCode}";
            switch (code)
            {
                case StatusCode.OK:
                    Assert.True(
                        response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), said);
                    break;
                default:
                    HttpStatusCode expected =
                        code == StatusCode.Unauthenticated ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
                    Assert.True(response.StatusCode == expected, said);
                    JsonElement error = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
                    Assert.Contains(error.GetProperty("details").EnumerateArray(), detail =>
                        detail.GetProperty("reason").GetString() == reason);
                    break;
            }
        }
    }

    [Fact]
    public async Task No_refusal_says_whether_there_is_such_a_key()
    {
        MethodDescriptor method = Rpc.All["/hashmatch.v1.HashLists/ListLists"];
        HashSet<string> said = [];
        foreach (Credential credential in fixture.Credentials.Where(each =>
            each.Role is null && each.Kind != "no credential"))
        {
            RpcException? status =
                await Rpc.CallAsync(fixture.ChannelOf(credential), method, credential, Cancellation);
            said.Add($"{status!.Status} {status.GetRpcStatus()}");
        }

        Assert.Single(said);
    }

    [Theory]
    [InlineData("/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("/hashmatch.v1.Matching/Nothing", HttpStatusCode.NotFound)]
    [InlineData("/", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_said_to_known_callers_alone(string path, HttpStatusCode known)
    {
        foreach (Credential credential in fixture.Credentials)
        {
            using HttpResponseMessage response = await SendAsync(credential, HttpMethod.Get, path);
            Assert.Equal(credential.Role is null ? HttpStatusCode.Unauthorized : known, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/health/live", HttpStatusCode.OK)]
    [InlineData("/health/ready", HttpStatusCode.OK)]
    public async Task Health_is_open(string path, HttpStatusCode expected)
    {
        foreach (Credential credential in fixture.Credentials)
        {
            using HttpResponseMessage response = await SendAsync(credential, HttpMethod.Get, path);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    private static (StatusCode Code, string Reason) ExpectedOf(Credential credential, string[] allowed) =>
        credential switch
        {
            { Kind: "no credential" } => (StatusCode.Unauthenticated, "CREDENTIAL_MISSING"),
            { Role: null } => (StatusCode.Unauthenticated, "CREDENTIAL_WRONG"),
            { Role: { } role } => allowed.Contains(role)
                ? (StatusCode.OK, "")
                : (StatusCode.PermissionDenied, "ROLE_MISSING"),
        };

    private async Task<HttpResponseMessage> SendAsync(Credential credential, HttpMethod verb, string path)
    {
        using var http = new HttpClient(fixture.HandlerOf(credential)) { BaseAddress = new Uri(fixture.Address) };
        using var request = new HttpRequestMessage(verb, path);
        foreach ((string name, string value) in credential.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (verb != HttpMethod.Get && verb != HttpMethod.Delete)
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        return await http.SendAsync(request, Cancellation);
    }
}
