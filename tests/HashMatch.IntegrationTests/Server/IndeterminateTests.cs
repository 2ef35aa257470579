using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Server.Admission;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Everything that keeps the server from evaluating, through every call that gives verdicts, for callers that
/// would rather have a verdict than an error.</summary>
public sealed class IndeterminateTests : IAsyncLifetime
{
    private const string Reference = "theirs";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualResetEventSlim _gate = new();
    private RunningServer? _server;

    public enum Fault
    {
        QueueFull,
        LineFull,
        DeadlineTooShort,
        NoActiveLists,
        IndexTooOld,
        IndexNotReady,
        ShuttingDown,
    }

    public enum Call
    {
        Match,
        MatchUpload,
        MatchStream,
        MatchHashes,
    }

    public static TheoryData<Fault, Call> Faults
    {
        get
        {
            var rows = new TheoryData<Fault, Call>();
            foreach (Fault fault in Enum.GetValues<Fault>())
            {
                foreach (Call call in Enum.GetValues<Call>())
                {
                    // Hashes and streams wait for their turn in the line, however long it is, and end before it does.
                    if (fault is not (Fault.LineFull or Fault.ShuttingDown) || call is Call.Match or Call.MatchUpload)
                    {
                        rows.Add(fault, call);
                    }
                }
            }

            return rows;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => _server!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _gate.Set();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _gate.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_cannot_be_evaluated_is_an_error_or_what_the_caller_asked_for(Fault fault, Call call)
    {
        using Held held = await BreakAsync(fault);
        DateTime? deadline = fault == Fault.DeadlineTooShort ? DateTime.UtcNow.AddSeconds(20) : null;
        (StatusCode code, string reason) = Expected(fault);
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            () => AnswerAsync(call, V1.WhenIndeterminate.Unspecified, [], deadline));
        Assert.Equal((code, reason), (error.StatusCode, call == Call.MatchStream
            ? error.Status.Detail : Statuses.ReasonOf(error)));

        foreach ((V1.WhenIndeterminate asked, V1.Action action) in new[]
        {
            (V1.WhenIndeterminate.Hold, V1.Action.Hold),
            (V1.WhenIndeterminate.Allow, V1.Action.Allow),
            (V1.WhenIndeterminate.Review, V1.Action.Review),
        })
        {
            IsIndeterminate(await AnswerAsync(call, asked, [], deadline), fault, action, Reference);
            Metadata header = [new Metadata.Entry("when-indeterminate", asked.ToString())];
            IsIndeterminate(
                await AnswerAsync(call, V1.WhenIndeterminate.Unspecified, header, deadline), fault, action, null);
        }
    }

    [Fact]
    public async Task What_waits_in_line_at_the_end_of_a_shutdown_is_answered_as_its_caller_asked()
    {
        await StartAsync("--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxQueueDelay=00:05:00");
        using Held held = Occupy(TimeSpan.FromSeconds(1));
        Task<V1.MatchResponse> asked = AnswerAsync(Call.Match, V1.WhenIndeterminate.Hold, [], null);
        Task<V1.MatchResponse> silent = AnswerAsync(Call.MatchUpload, V1.WhenIndeterminate.Unspecified, [], null);
        await Eventually.TrueAsync(() => Server.Admission.Waiting == 2, "both are in line", Cancellation);
        Server.Admission.Dispose();
        IsIndeterminate(await asked, Fault.ShuttingDown, V1.Action.Hold, Reference);
        await Statuses.FailsAsync(StatusCode.Unavailable, "SHUTTING_DOWN", () => silent, canRetry: true);
    }

    [Fact]
    public async Task A_setting_for_the_callers_name_counts_when_the_call_says_nothing()
    {
        await StartAsync("--HashMatch:WhenIndeterminate:Anonymous=Hold");
        V1.MatchResponse set = await AnswerAsync(Call.Match, V1.WhenIndeterminate.Unspecified, [], null);
        IsIndeterminate(set, Fault.NoActiveLists, V1.Action.Hold, Reference);
        V1.MatchResponse asked = await AnswerAsync(Call.Match, V1.WhenIndeterminate.Review, [], null);
        IsIndeterminate(asked, Fault.NoActiveLists, V1.Action.Review, Reference);
        Metadata header = [new Metadata.Entry("when-indeterminate", "allow")];
        V1.MatchResponse said = await AnswerAsync(Call.Match, V1.WhenIndeterminate.Review, header, null);
        IsIndeterminate(said, Fault.NoActiveLists, V1.Action.Allow, Reference);
    }

    [Fact]
    public async Task What_the_caller_did_wrong_stays_an_error()
    {
        await StartAsync("--HashMatch:Images:MaxImageBytes=65536");
        Metadata header = [new Metadata.Entry("when-indeterminate", "hold")];
        await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD", () => MatchAsync([], V1.WhenIndeterminate.Hold, header, null));
        await Statuses.FailsAsync(
            StatusCode.ResourceExhausted, "UPLOAD_TOO_LARGE",
            () => MatchAsync(new byte[65_537], V1.WhenIndeterminate.Hold, header, null));
        Assert.Equal(["options.when_indeterminate"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            () => MatchAsync(DrawnPicture.Draw(1), (V1.WhenIndeterminate)77, [], null)));
        Assert.Equal(["when-indeterminate"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            () => MatchAsync(
                DrawnPicture.Draw(1), V1.WhenIndeterminate.Hold,
                [new Metadata.Entry("when-indeterminate", "perhaps")], null)));
    }

    [Fact]
    public async Task A_bad_header_is_an_error_where_nothing_else_is_wrong_too()
    {
        await StartAsync("--HashMatch:AllowEmptyIndex=true");
        Assert.Equal(["when-indeterminate"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            () => MatchAsync(
                DrawnPicture.Draw(1), V1.WhenIndeterminate.Unspecified,
                [new Metadata.Entry("when-indeterminate", "perhaps")], null)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/match")
        {
            Content = JsonContent.Create(new { image = DrawnPicture.Draw(1) }),
            Headers = { { "when-indeterminate", "perhaps" } },
        };
        using HttpResponseMessage refused = await Server.Json.SendAsync(request, Cancellation);
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Contains(
            "INVALID_FIELD", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_options_of_an_upload_that_is_not_let_in_are_an_error_too()
    {
        using Held held = await BreakAsync(Fault.QueueFull);
        Assert.Equal(["options.when_indeterminate"], await Statuses.FailsAsync(
            StatusCode.InvalidArgument, "INVALID_FIELD",
            () => MatchAsync(DrawnPicture.Draw(1), (V1.WhenIndeterminate)77, [], null)));
    }

    [Fact]
    public async Task A_long_upload_that_is_not_let_in_is_not_read_for_what_its_caller_wants()
    {
        using Held held = await BreakAsync(Fault.QueueFull);
        byte[] upload = new byte[100_000];
        await Statuses.FailsAsync(
            StatusCode.ResourceExhausted, "QUEUE_FULL",
            () => MatchAsync(upload, V1.WhenIndeterminate.Hold, [], null),
            canRetry: true);
        Metadata header = [new Metadata.Entry("when-indeterminate", "hold")];
        IsIndeterminate(
            await MatchAsync(upload, V1.WhenIndeterminate.Unspecified, header, null),
            Fault.QueueFull, V1.Action.Hold, null);
    }

    [Fact]
    public async Task In_JSON_it_is_a_verdict_by_header_and_else_429_with_a_time_to_retry()
    {
        using Held held = await BreakAsync(Fault.QueueFull);
        using HttpResponseMessage refused = await Server.Json.PostAsJsonAsync(
            "/v1/match", new { image = DrawnPicture.Draw(1) }, Cancellation);
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/match")
        {
            Content = JsonContent.Create(new { image = DrawnPicture.Draw(1) }),
            Headers = { { "when-indeterminate", "hold" } },
        };
        using HttpResponseMessage answered = await Server.Json.SendAsync(request, Cancellation);
        JsonElement verdict = await answered.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(("OUTCOME_INDETERMINATE", "INDETERMINATE_REASON_QUEUE_FULL", "ACTION_HOLD"), (
            verdict.GetProperty("outcome").GetString(),
            verdict.GetProperty("indeterminateReason").GetString(),
            verdict.GetProperty("action").GetString()));
        // As in every other verdict.
        Assert.Equal(JsonValueKind.String, verdict.GetProperty("indexGeneration").ValueKind);
    }

    [Fact]
    public async Task In_JSON_what_the_message_says_counts_once_it_was_read()
    {
        await StartAsync();
        using HttpResponseMessage answered = await Server.Json.PostAsJsonAsync(
            "/v1/match",
            new { image = DrawnPicture.Draw(1), options = new { whenIndeterminate = "WHEN_INDETERMINATE_REVIEW" } },
            Cancellation);
        JsonElement verdict = await answered.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(("OUTCOME_INDETERMINATE", "ACTION_REVIEW"), (
            verdict.GetProperty("outcome").GetString(), verdict.GetProperty("action").GetString()));
        Assert.Equal(JsonValueKind.String, verdict.GetProperty("indexGeneration").ValueKind);
    }

    private static (StatusCode Code, string Reason) Expected(Fault fault) => fault switch
    {
        Fault.QueueFull or Fault.LineFull => (StatusCode.ResourceExhausted, "QUEUE_FULL"),
        Fault.DeadlineTooShort => (StatusCode.ResourceExhausted, "DEADLINE_TOO_SHORT"),
        Fault.NoActiveLists => (StatusCode.Unavailable, "NO_ACTIVE_LISTS"),
        Fault.IndexTooOld => (StatusCode.Unavailable, "INDEX_TOO_OLD"),
        Fault.ShuttingDown => (StatusCode.Unavailable, "SHUTTING_DOWN"),
        _ => (StatusCode.Unavailable, "INDEX_NOT_READY"),
    };

    private static void IsIndeterminate(V1.MatchResponse seen, Fault fault, V1.Action action, string? reference)
    {
        V1.IndeterminateReason reason = fault switch
        {
            Fault.QueueFull or Fault.LineFull => V1.IndeterminateReason.QueueFull,
            Fault.DeadlineTooShort => V1.IndeterminateReason.DeadlineTooShort,
            Fault.NoActiveLists => V1.IndeterminateReason.NoActiveLists,
            Fault.IndexTooOld => V1.IndeterminateReason.IndexTooOld,
            Fault.ShuttingDown => V1.IndeterminateReason.ShuttingDown,
            _ => V1.IndeterminateReason.IndexNotReady,
        };
        Assert.Equal((V1.Outcome.Indeterminate, reason, action), (seen.Outcome, seen.IndeterminateReason, seen.Action));
        Assert.Empty(seen.ListVersions);
        Assert.Empty(seen.Hash);
        Assert.Equal(26, seen.VerdictId.Length);
        // A batch has none, and what is refused before it is read by its header has none either.
        Assert.True(reference is null || seen.Reference.Length == 0 || seen.Reference == reference);
    }

    private async Task StartAsync(params string[] settings) => _server = await RunningServer.StartReadyAsync(
        $"sqlite:{_folder.Path}", Cancellation, [.. settings, "--HashMatch:MaxConcurrentDecodes=1"]);

    private async Task<Held> BreakAsync(Fault fault)
    {
        switch (fault)
        {
            case Fault.QueueFull:
                await StartAsync(
                    "--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxQueuedUploads=0",
                    "--HashMatch:MinUploadBytesPerSecond=0");
                return new Held(Server.Admission.Enter("other"));
            case Fault.LineFull:
                await StartAsync("--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxQueueDelay=00:00:01");
                return Occupy(TimeSpan.FromMinutes(1));
            case Fault.DeadlineTooShort:
                await StartAsync("--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxQueueDelay=00:05:00");
                return Occupy(TimeSpan.FromMinutes(10));
            case Fault.IndexTooOld:
                await StartAsync("--HashMatch:AllowEmptyIndex=true", "--HashMatch:MaxIndexAge=00:00:01");
                await MakeOldAsync();
                return new Held(null);
            case Fault.ShuttingDown:
                await StartAsync("--HashMatch:AllowEmptyIndex=true");
                Server.Admission.Dispose();
                return new Held(null);
            case Fault.IndexNotReady:
                await StartAsync();
                await Server.UnloadAsync();
                return new Held(null);
            default:
                await StartAsync();
                return new Held(null);
        }
    }

    // The one decode is taken by something that says it takes this long.
    private Held Occupy(TimeSpan estimate)
    {
        Task<bool> occupied = Server.Admission.RunAsync(
            new WorkOrder("other", estimate),
            () =>
            {
                _gate.Wait(CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        Assert.False(occupied.IsCompleted);
        return new Held(null);
    }

    private async Task MakeOldAsync()
    {
        await Server.StopFollowingAsync();
        await Eventually.TrueAsync(() => !Server.IsMatching, "the index is too old", Cancellation);
    }

    private Task<V1.MatchResponse> AnswerAsync(
        Call call, V1.WhenIndeterminate asked, Metadata headers, DateTime? deadline) => call switch
        {
            Call.Match => MatchAsync(DrawnPicture.Draw(1), asked, headers, deadline),
            Call.MatchUpload => UploadAsync(asked, headers, deadline),
            Call.MatchStream => StreamAsync(asked, headers, deadline),
            _ => HashesAsync(asked, headers, deadline),
        };

    private async Task<V1.MatchResponse> MatchAsync(
        byte[] image, V1.WhenIndeterminate asked, Metadata headers, DateTime? deadline) =>
        await Server.Matching.MatchAsync(
            new V1.MatchRequest { Image = ByteString.CopyFrom(image), Options = Options(asked) },
            headers, deadline, Cancellation);

    private async Task<V1.MatchResponse> UploadAsync(
        V1.WhenIndeterminate asked, Metadata headers, DateTime? deadline)
    {
        using var call = Server.Matching.MatchUpload(headers, deadline, Cancellation);
        V1.MatchUploadRequest[] parts =
        [
            new V1.MatchUploadRequest { Options = Options(asked) },
            new V1.MatchUploadRequest { Chunk = ByteString.CopyFrom(DrawnPicture.Draw(1)) },
        ];
        return await call.SendAsync(parts, Cancellation);
    }

    private async Task<V1.MatchResponse> StreamAsync(
        V1.WhenIndeterminate asked, Metadata headers, DateTime? deadline)
    {
        using var call = Server.Matching.MatchStream(headers, deadline, Cancellation);
        await call.RequestStream.WriteAsync(
            new V1.MatchStreamRequest
            {
                Tag = 7,
                Image = ByteString.CopyFrom(DrawnPicture.Draw(1)),
                Options = Options(asked),
            },
            Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        V1.MatchStreamResponse seen = call.ResponseStream.Current;
        Assert.Equal(7ul, seen.Tag);
        return seen.Response
            ?? throw new RpcException(new Status((StatusCode)seen.Error.Code, seen.Error.Reason));
    }

    // Enough of them that they are not answered at once, in no queue.
    private async Task<V1.MatchResponse> HashesAsync(
        V1.WhenIndeterminate asked, Metadata headers, DateTime? deadline)
    {
        V1.MatchHashesResponse response = await Server.Matching.MatchHashesAsync(
            new V1.MatchHashesRequest
            {
                Queries = { Enumerable.Range(0, 1000).Select(i => new V1.HashQuery { Pdq = Entries.RandomPdq(i) }) },
                WhenIndeterminate = asked,
            },
            headers, deadline, Cancellation);
        Assert.Equal(1000, response.Results.Count);
        Assert.Equal(1000, response.Results.Select(result => result.VerdictId).Distinct().Count());
        Assert.All(response.Results, result => Assert.Equal(response.Results[0].Outcome, result.Outcome));
        return response.Results[0];
    }

    private static V1.MatchOptions Options(V1.WhenIndeterminate asked) =>
        new() { Reference = Reference, WhenIndeterminate = asked };

    private sealed class Held(IDisposable? what) : IDisposable
    {
        public void Dispose() => what?.Dispose();
    }
}
