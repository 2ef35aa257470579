using Google.Rpc;
using Grpc.Core;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli;

/// <summary>What went wrong, in words for a person and in one for a program.</summary>
/// <param name="Reason">UPPER_SNAKE; the ErrorInfo reason where a server gave one.</param>
/// <param name="Message">What was wrong, and with what.</param>
/// <param name="Hint">What to do about it; empty when the message says it.</param>
internal sealed record Failure(string Reason, string Message, string Hint = "")
{
    /// <summary>Why a change of a list was refused.</summary>
    public static Failure Of<T>(CatalogResult<T> refused)
        where T : class => Of(refused.Error, refused.Message);

    /// <inheritdoc cref="Of{T}"/>
    public static Failure Of(CatalogError error, string message) => new(
        Words.Of(error),
        message,
        error switch
        {
            CatalogError.ListNotFound => "See `hashmatch lists ls`.",
            CatalogError.ListExists => "See `hashmatch lists ls`; `hashmatch lists set` changes a list's policy.",
            CatalogError.VersionNotFound => "See `hashmatch lists show NAME` for its versions.",
            CatalogError.LostRace => "Somebody else changed the list meanwhile. Look at `hashmatch lists show NAME`, "
                + "then try again.",
            CatalogError.VersionNotStaged => "Only a staged version can be activated; `hashmatch lists rollback NAME "
                + "--to N` activates a retired one.",
            CatalogError.VersionIsActive => "Activate another version first, or `hashmatch lists set NAME --enabled "
                + "false`.",
            CatalogError.NoActiveVersion => "Load a file with `hashmatch lists load NAME FILE`, or activate a staged "
                + "version with `hashmatch lists activate NAME N`.",
            CatalogError.GuardSizeChange => "It is staged and can be looked at. `--force` activates it, `hashmatch "
                + "lists set NAME --max-change-percent N` allows more.",
            CatalogError.NeedsApproval => "Somebody else says `hashmatch lists approve NAME VERSION`; see `hashmatch "
                + "lists show NAME`.",
            CatalogError.SelfApproval => "See `hashmatch lists show NAME` for who staged or proposed what.",
            CatalogError.NotAPerson => "Call the server with a credential of your own, or work on the store as your "
                + "own user.",
            CatalogError.NothingToApprove => "See `hashmatch lists show NAME` for what waits.",
            CatalogError.NothingToRollBack => "See `hashmatch lists show NAME`; `--to N` activates any older version.",
            _ => "",
        });

    /// <summary>What an operational failure comes to; null for a fault of the tool itself.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="server">The server's address as given; null when there is none.</param>
    public static Failure? Of(Exception exception, string? server = null) => exception switch
    {
        FailureException known => known.Failure,
        HashMatch.Exchanges.ExchangeException exchange => new Failure(Words.Of(exchange.Problem), exchange.Message),
        StoreUnavailableException { IsUnconfirmed: true } unconfirmed => new Failure(
            "STORE_UNCONFIRMED",
            unconfirmed.Message,
            "See `hashmatch lists show NAME`; check that the store's replicas keep up."),
        StoreUnavailableException store => new Failure(
            "STORE_UNAVAILABLE",
            store.Message,
            "Check the store's address (--store or HASHMATCH__STORE), and that this account may write there."),
        StoreCorruptException corrupt => new Failure(
            "STORE_CORRUPT",
            corrupt.Message,
            "What the store holds is not whole. Restore it, or load the list again and activate the new version."),
        RpcException rpc => Of(rpc, server),
        UnauthorizedAccessException denied => new Failure("ACCESS_DENIED", denied.Message),
        IOException io => new Failure("IO_ERROR", io.Message),
        _ => null,
    };

    private static Failure Of(RpcException rpc, string? server)
    {
        string? told = rpc.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;
        string reason = told ?? Words.Of(rpc.StatusCode);
        return (rpc.StatusCode, reason) switch
        {
            (StatusCode.Internal or StatusCode.Unavailable, _) when IsUntrusted(rpc) => new Failure(
                "SERVER_UNTRUSTED",
                $"The certificate of {server ?? "the given address"} is not one that this machine trusts.",
                "--ca names a file with the authority that signed it."),
            (StatusCode.Unavailable, "UNAVAILABLE") => new Failure(
                "SERVER_UNREACHABLE",
                $"No server answers at {server ?? "the given address"}{Cause(rpc)}.",
                "Start one with `hashmatch serve`, check --server or HASHMATCH_SERVER, or leave it out to work on the "
                + "store."),
            (StatusCode.Unavailable, "INDEX_NOT_READY") => new Failure(
                reason, rpc.Status.Detail, "The server is still loading the lists; try again in a moment."),
            (StatusCode.Unavailable, "NO_ACTIVE_LISTS") => NoActiveLists,
            (StatusCode.Unauthenticated, _) => new Failure(
                reason,
                rpc.Status.Detail,
                "Give a key in HASHMATCH__APIKEY or by --key-file, or a certificate by --client-cert; "
                + "`hashmatch callers add`, on the server's store, makes a key."),
            (StatusCode.PermissionDenied, _) => new Failure(
                reason,
                rpc.Status.Detail,
                "`hashmatch callers ls`, on the server's store, shows who has which role."),
            (StatusCode.Unimplemented, _) => new Failure(
                reason,
                "The server does not know this call.",
                "Check that the address is a HashMatch server's gRPC port, and of this version."),
            (StatusCode.Internal, _) when told is null => new Failure(
                "NOT_GRPC",
                $"What answers at {server ?? "the given address"} does not speak gRPC{Cause(rpc)}.",
                "Check http or https, and that the port is the one for gRPC, not for JSON."),
            _ => new Failure(reason, rpc.Status.Detail),
        };
    }

    private static bool IsUntrusted(RpcException rpc)
    {
        Exception? cause = rpc.Status.DebugException;
        while (cause is not null and not System.Security.Authentication.AuthenticationException)
        {
            cause = cause.InnerException;
        }

        return cause is not null;
    }

    private static string Cause(RpcException rpc) =>
        rpc.Status.DebugException?.GetBaseException() is { } cause ? $": {cause.Message.TrimEnd('.')}" : "";

    /// <summary>Nothing to match against.</summary>
    public static Failure NoActiveLists { get; } = new(
        "NO_ACTIVE_LISTS",
        "No enabled list has an active version, so nothing was looked up.",
        "Load a list with `hashmatch lists load NAME FILE`.");
}
