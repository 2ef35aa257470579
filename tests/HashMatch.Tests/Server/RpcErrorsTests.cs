using Google.Rpc;
using Grpc.Core;
using HashMatch.Matching.Lists;
using HashMatch.Proto.V1;
using HashMatch.Server.Errors;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class RpcErrorsTests
{
    public static TheoryData<RpcException, StatusCode, string, bool> Statuses => new()
    {
        { RpcErrors.InvalidField("image", "bad"), StatusCode.InvalidArgument, ErrorReasons.InvalidField, false },
        { RpcErrors.UploadTooLarge(5), StatusCode.ResourceExhausted, ErrorReasons.UploadTooLarge, false },
        {
            RpcErrors.UploadTimedOut(TimeSpan.FromSeconds(1)), StatusCode.DeadlineExceeded,
            ErrorReasons.UploadTimedOut, false
        },
        { RpcErrors.IndexNotReady(), StatusCode.Unavailable, ErrorReasons.IndexNotReady, true },
        { RpcErrors.IndexTooOld(), StatusCode.Unavailable, ErrorReasons.IndexTooOld, true },
        { RpcErrors.NoActiveLists(), StatusCode.Unavailable, ErrorReasons.NoActiveLists, true },
        { RpcErrors.QueueFull(), StatusCode.ResourceExhausted, ErrorReasons.QueueFull, true },
        { RpcErrors.DeadlineTooShort(), StatusCode.ResourceExhausted, ErrorReasons.DeadlineTooShort, true },
        { RpcErrors.UploadTooSlow(), StatusCode.ResourceExhausted, ErrorReasons.UploadTooSlow, true },
        { RpcErrors.ShuttingDown(), StatusCode.Unavailable, ErrorReasons.ShuttingDown, true },
        { RpcErrors.StoreUnavailable(), StatusCode.Unavailable, ErrorReasons.StoreUnavailable, true },
        { RpcErrors.StoreCorrupt(), StatusCode.DataLoss, ErrorReasons.StoreCorrupt, false },
        { RpcErrors.DeadlineExceeded(), StatusCode.DeadlineExceeded, ErrorReasons.DeadlineExceeded, false },
        { RpcErrors.Cancelled(), StatusCode.Cancelled, ErrorReasons.Cancelled, false },
        { RpcErrors.Internal(), StatusCode.Internal, ErrorReasons.Internal, false },
    };

    [Theory]
    [MemberData(nameof(Statuses), DisableDiscoveryEnumeration = true)]
    public void Every_status_carries_its_reason_and_a_delay_where_a_retry_helps(
        RpcException error, StatusCode code, string reason, bool canRetry)
    {
        Google.Rpc.Status status = error.GetRpcStatus()!;
        Assert.Equal(code, error.StatusCode);
        Assert.Equal((int)code, status.Code);
        ErrorInfo info = status.GetDetail<ErrorInfo>();
        Assert.Equal(("hashmatch", reason), (info.Domain, info.Reason));
        Assert.Equal(canRetry, status.GetDetail<RetryInfo>() is not null);
        ItemError item = RpcErrors.ToItem(error);
        Assert.Equal(((int)code, reason, canRetry), (item.Code, item.Reason, item.RetryAfterMs > 0));
        Assert.NotEmpty(item.Message);
    }

    [Theory]
    [InlineData(CatalogError.Invalid, StatusCode.InvalidArgument, "INVALID_FIELD")]
    [InlineData(CatalogError.ListNotFound, StatusCode.NotFound, "LIST_NOT_FOUND")]
    [InlineData(CatalogError.VersionNotFound, StatusCode.NotFound, "VERSION_NOT_FOUND")]
    [InlineData(CatalogError.ListExists, StatusCode.AlreadyExists, "LIST_EXISTS")]
    [InlineData(CatalogError.LostRace, StatusCode.Aborted, "LOST_RACE")]
    [InlineData(CatalogError.VersionNotStaged, StatusCode.FailedPrecondition, "VERSION_NOT_STAGED")]
    [InlineData(CatalogError.VersionIsActive, StatusCode.FailedPrecondition, "VERSION_IS_ACTIVE")]
    [InlineData(CatalogError.NoActiveVersion, StatusCode.FailedPrecondition, "NO_ACTIVE_VERSION")]
    [InlineData(CatalogError.NothingToRollBack, StatusCode.FailedPrecondition, "NOTHING_TO_ROLL_BACK")]
    public void Every_refusal_of_the_catalog_has_its_status(CatalogError refusal, StatusCode code, string reason)
    {
        RpcException error = RpcErrors.Refused(refusal, "why", "name");
        Google.Rpc.Status status = error.GetRpcStatus()!;
        Assert.Equal((code, "why"), (error.StatusCode, status.Message));
        Assert.Equal(reason, status.GetDetail<ErrorInfo>().Reason);
        Assert.Equal(refusal == CatalogError.Invalid, status.GetDetail<BadRequest>() is not null);
    }

    [Fact]
    public void No_refusal_of_the_catalog_is_forgotten() => Assert.All(
        Enum.GetValues<CatalogError>().Where(error => error != CatalogError.None),
        error => Assert.NotNull(RpcErrors.Refused(error, "why", "")));

    [Fact]
    public void Bad_entries_are_named_by_their_place_up_to_a_hundred()
    {
        HashListError[] errors = [.. Enumerable.Range(17, 150).Select(i => new HashListError(i, $"reason {i}"))];
        Google.Rpc.Status status = RpcErrors.InvalidEntries("entries", errors, 150).GetRpcStatus()!;
        BadRequest bad = status.GetDetail<BadRequest>();
        Assert.Equal(100, bad.FieldViolations.Count);
        Assert.Equal(("entries[17]", "reason 17"), (bad.FieldViolations[0].Field, bad.FieldViolations[0].Description));
        Assert.StartsWith("150 bad entries", status.Message, StringComparison.Ordinal);
    }
}
