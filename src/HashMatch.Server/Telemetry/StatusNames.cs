using Grpc.Core;

namespace HashMatch.Server.Telemetry;

/// <summary>Statuses as metrics and logs name them.</summary>
public static class StatusNames
{
    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Every name, by code.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>The name of a status; `UNKNOWN` for a number that is none.</summary>
    public static string Of(StatusCode status) =>
        (uint)status < Names.Length ? Names[(int)status] : Names[(int)StatusCode.Unknown];

    /// <summary>What a JSON call's HTTP status says.</summary>
    public static StatusCode OfHttp(int status) => status switch
    {
        >= 200 and < 300 => StatusCode.OK,
        400 => StatusCode.InvalidArgument,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.NotFound,
        409 => StatusCode.Aborted,
        413 or 429 => StatusCode.ResourceExhausted,
        499 => StatusCode.Cancelled,
        501 => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        504 => StatusCode.DeadlineExceeded,
        >= 500 => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    /// <summary>Whether a status says that the server, not the caller, is at fault.</summary>
    public static bool IsServerFault(string status) =>
        status is "UNKNOWN" or "DEADLINE_EXCEEDED" or "UNIMPLEMENTED" or "INTERNAL" or "UNAVAILABLE" or "DATA_LOSS";
}
