using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using HashMatch.Matching.Lists;
using HashMatch.Proto.V1;
using Status = Google.Rpc.Status;

namespace HashMatch.Server.Errors;

/// <summary>
/// The one place that builds statuses. Each carries ErrorInfo with a reason, BadRequest where a field is bad and
/// RetryInfo where trying again can help. Messages hold nothing of an upload.
/// </summary>
public static class RpcErrors
{
    /// <summary>`ErrorInfo.domain` of every status.</summary>
    public const string Domain = "hashmatch";

    /// <summary>Bad entries that a status lists.</summary>
    public const int MaxViolations = 100;

    private static readonly TimeSpan SoonDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LaterDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ByHandDelay = TimeSpan.FromSeconds(5);

    /// <summary>A field is out of its range.</summary>
    /// <param name="field">Its path in snake_case, such as `queries[3].pdq`.</param>
    /// <param name="description">What is wrong, for a person.</param>
    public static RpcException InvalidField(string field, string description) => Build(
        Code.InvalidArgument,
        ErrorReasons.InvalidField,
        field.Length == 0 ? description : $"{field}: {description}",
        violations: [Violation(field, description)]);

    /// <summary>A version was refused for its bad entries.</summary>
    /// <param name="field">What their places count, such as `entries`.</param>
    /// <param name="errors">The first of them; their line is their place, from 1.</param>
    /// <param name="count">All of them.</param>
    public static RpcException InvalidEntries(string field, IReadOnlyList<HashListError> errors, long count) => Build(
        Code.InvalidArgument,
        ErrorReasons.InvalidEntries,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{count} bad {(count == 1 ? "entry" : "entries")}; nothing was staged"),
        violations: errors.Take(MaxViolations).Select(error => Violation(
            string.Create(CultureInfo.InvariantCulture, $"{field}[{error.Line}]"), error.Reason)));

    /// <summary>The upload is over the limit.</summary>
    public static RpcException UploadTooLarge(int maxImageBytes) => Build(
        Code.ResourceExhausted,
        ErrorReasons.UploadTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"the upload is over {maxImageBytes} bytes"));

    /// <summary>The chunks of an upload did not come in time.</summary>
    public static RpcException UploadTimedOut(TimeSpan limit) => Build(
        Code.DeadlineExceeded,
        ErrorReasons.UploadTimedOut,
        string.Create(CultureInfo.InvariantCulture, $"the upload took longer than {limit.TotalSeconds:0.#} s"));

    /// <summary>The active versions are not loaded yet.</summary>
    public static RpcException IndexNotReady() => Build(
        Code.Unavailable, ErrorReasons.IndexNotReady, "the index is not loaded yet", LaterDelay);

    /// <summary>The index could not be brought in step for too long.</summary>
    public static RpcException IndexTooOld() => Build(
        Code.Unavailable, ErrorReasons.IndexTooOld, "the index is older than the server allows", LaterDelay);

    /// <summary>There is nothing to look an upload up in.</summary>
    public static RpcException NoActiveLists() => Build(
        Code.Unavailable, ErrorReasons.NoActiveLists, "no enabled list has an active version", ByHandDelay);

    /// <summary>More work or bytes are waiting than the server takes.</summary>
    /// <param name="delay">When to try again; null for soon.</param>
    public static RpcException QueueFull(TimeSpan? delay = null) => Build(
        Code.ResourceExhausted, ErrorReasons.QueueFull, "too many uploads are waiting", delay ?? SoonDelay);

    /// <summary>The work in hand takes longer than the caller's deadline leaves; the upload was not begun.</summary>
    /// <param name="delay">When to try again; null for soon.</param>
    public static RpcException DeadlineTooShort(TimeSpan? delay = null) => Build(
        Code.ResourceExhausted,
        ErrorReasons.DeadlineTooShort,
        "the upload would not be done before the call's deadline",
        delay ?? SoonDelay);

    /// <summary>The bytes of an upload came so slowly that its place was needed for another one.</summary>
    public static RpcException UploadTooSlow() => Build(
        Code.ResourceExhausted, ErrorReasons.UploadTooSlow, "the upload's bytes came too slowly", LaterDelay);

    /// <summary>The server stops.</summary>
    public static RpcException ShuttingDown() => Build(
        Code.Unavailable, ErrorReasons.ShuttingDown, "the server is shutting down", LaterDelay);

    /// <summary>An upload matched a list with durable events, and its events cannot be put on disk now.</summary>
    public static RpcException EventsNotDurable() => Build(
        Code.Unavailable, ErrorReasons.EventsNotDurable, "the match cannot be put on record now", LaterDelay);

    /// <summary>The store does not answer.</summary>
    public static RpcException StoreUnavailable() => Build(
        Code.Unavailable, ErrorReasons.StoreUnavailable, "the store does not answer", LaterDelay);

    /// <summary>The store's memory is full: it takes no change.</summary>
    public static RpcException StoreFull() => Build(
        Code.Unavailable, ErrorReasons.StoreFull, "the store is full and takes no change", ByHandDelay);

    /// <summary>The store takes no change: it is a replica, its disk fails, or it lacks replicas.</summary>
    public static RpcException StoreReadOnly() => Build(
        Code.Unavailable, ErrorReasons.StoreReadOnly, "the store is read-only now", LaterDelay);

    /// <summary>The store wrote a change that none of its replicas confirmed, or did not say whether it wrote it.
    /// </summary>
    public static RpcException StoreUnconfirmed() => Build(
        Code.Unavailable,
        ErrorReasons.StoreUnconfirmed,
        "the change is written, or may be, and the store did not confirm it: look whether it is there, or ask again",
        LaterDelay);

    /// <summary>What the store holds is not whole.</summary>
    public static RpcException StoreCorrupt() => Build(
        Code.DataLoss, ErrorReasons.StoreCorrupt, "what the store holds is not whole");

    /// <summary>The call shows no credential.</summary>
    public static RpcException CredentialMissing() => Build(
        Code.Unauthenticated,
        ErrorReasons.CredentialMissing,
        "the call shows no API key, token or client certificate");

    /// <summary>The call's credential is none, or is not taken any more; not which of them.</summary>
    public static RpcException CredentialWrong() => Build(
        Code.Unauthenticated, ErrorReasons.CredentialWrong, "the credential is wrong, expired or disabled");

    /// <summary>Whether the credential is right cannot be said yet.</summary>
    public static RpcException CallersUnknown() => Build(
        Code.Unavailable, ErrorReasons.CallersUnknown, "the callers cannot be read yet", LaterDelay);

    /// <summary>The caller is known, and may not make this call.</summary>
    public static RpcException RoleMissing() => Build(
        Code.PermissionDenied, ErrorReasons.RoleMissing, "the caller has no role that allows this call");

    /// <summary>The caller is over its rate.</summary>
    public static RpcException RateLimited(TimeSpan delay) => Build(
        Code.ResourceExhausted,
        ErrorReasons.RateLimited,
        "the caller is over its rate",
        delay > SoonDelay ? delay : SoonDelay);

    /// <summary>The caller's deadline passed.</summary>
    public static RpcException DeadlineExceeded() => Build(
        Code.DeadlineExceeded, ErrorReasons.DeadlineExceeded, "the call's deadline passed");

    /// <summary>The caller went away.</summary>
    public static RpcException Cancelled() => Build(Code.Cancelled, ErrorReasons.Cancelled, "the call was cancelled");

    /// <summary>A bug; says nothing of it.</summary>
    public static RpcException Internal() => Build(
        Code.Internal, ErrorReasons.Internal, "the server failed; its log says more");

    /// <summary>Why the catalog refused a change.</summary>
    /// <exception cref="ArgumentOutOfRangeException">None is no error.</exception>
    public static RpcException Refused(CatalogError error, string message, string field)
    {
        (Code code, string reason) = error switch
        {
            CatalogError.Invalid => (Code.InvalidArgument, ErrorReasons.InvalidField),
            CatalogError.ListNotFound => (Code.NotFound, ErrorReasons.ListNotFound),
            CatalogError.VersionNotFound => (Code.NotFound, ErrorReasons.VersionNotFound),
            CatalogError.ListExists => (Code.AlreadyExists, ErrorReasons.ListExists),
            CatalogError.LostRace => (Code.Aborted, ErrorReasons.LostRace),
            CatalogError.VersionNotStaged => (Code.FailedPrecondition, ErrorReasons.VersionNotStaged),
            CatalogError.VersionIsActive => (Code.FailedPrecondition, ErrorReasons.VersionIsActive),
            CatalogError.NoActiveVersion => (Code.FailedPrecondition, ErrorReasons.NoActiveVersion),
            CatalogError.NothingToRollBack => (Code.FailedPrecondition, ErrorReasons.NothingToRollBack),
            CatalogError.GuardSizeChange => (Code.FailedPrecondition, ErrorReasons.GuardSizeChange),
            CatalogError.NeedsApproval => (Code.FailedPrecondition, ErrorReasons.NeedsApproval),
            CatalogError.SelfApproval => (Code.PermissionDenied, ErrorReasons.SelfApproval),
            CatalogError.NotAPerson => (Code.PermissionDenied, ErrorReasons.NotAPerson),
            CatalogError.NothingToApprove => (Code.FailedPrecondition, ErrorReasons.NothingToApprove),
            _ => throw new ArgumentOutOfRangeException(nameof(error)),
        };
        return Build(
            code, reason, message, violations: code == Code.InvalidArgument ? [Violation(field, message)] : []);
    }

    /// <summary>The reason that a status carries; empty when none.</summary>
    public static string ReasonOf(RpcException error) => error.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason ?? "";

    /// <summary>When to try again; null where that does not help.</summary>
    public static TimeSpan? RetryDelayOf(RpcException error) =>
        error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();

    /// <summary>A status as an error of one item of a stream.</summary>
    public static ItemError ToItem(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Status status = error.GetRpcStatus() ?? new Status { Code = (int)error.StatusCode };
        TimeSpan delay = status.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan() ?? TimeSpan.Zero;
        return new ItemError
        {
            Code = status.Code,
            Reason = status.GetDetail<ErrorInfo>()?.Reason ?? ErrorReasons.Internal,
            Message = status.Message,
            RetryAfterMs = (uint)delay.TotalMilliseconds,
        };
    }

    /// <summary>The whole status of an error.</summary>
    public static Status ToStatus(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.GetRpcStatus() ?? new Status { Code = (int)error.StatusCode };
    }

    /// <summary>Bytes that are no message of the method.</summary>
    public static RpcException MalformedMessage() => Build(
        Code.InvalidArgument, ErrorReasons.MalformedMessage, "the message is not what the method takes");

    /// <summary>A JSON body, path or query that is no message of the method.</summary>
    /// <param name="problem">What it is instead; nothing of what was sent.</param>
    public static RpcException MalformedJson(string problem) => Build(
        Code.InvalidArgument, ErrorReasons.MalformedMessage, $"the request {problem}");

    /// <summary>A compressed message.</summary>
    public static RpcException CompressedMessage() => Build(
        Code.Unimplemented, ErrorReasons.CompressedMessage, "the message is compressed, which no method takes");

    /// <summary>There is no such method.</summary>
    public static RpcException MethodUnknown() => Build(
        Code.Unimplemented, ErrorReasons.MethodUnknown, "the server has no such method");

    /// <summary>The framework's own refusal of a message, with the details that it lacks.</summary>
    public static Status MessageTooLarge() => Detailed(
        Code.ResourceExhausted, ErrorReasons.MessageTooLarge, "the message is over the server's limit", null, []);

    private static RpcException Build(
        Code code,
        string reason,
        string message,
        TimeSpan? retryDelay = null,
        IEnumerable<BadRequest.Types.FieldViolation>? violations = null) =>
        Detailed(code, reason, message, retryDelay, violations ?? []).ToRpcException();

    private static Status Detailed(
        Code code,
        string reason,
        string message,
        TimeSpan? retryDelay,
        IEnumerable<BadRequest.Types.FieldViolation> violations)
    {
        var status = new Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(new ErrorInfo { Domain = Domain, Reason = reason }));
        var bad = new BadRequest { FieldViolations = { violations } };
        if (bad.FieldViolations.Count > 0)
        {
            status.Details.Add(Any.Pack(bad));
        }

        if (retryDelay is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return status;
    }

    private static BadRequest.Types.FieldViolation Violation(string field, string description) =>
        new() { Field = field, Description = description };
}
