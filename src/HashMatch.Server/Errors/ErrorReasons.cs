namespace HashMatch.Server.Errors;

/// <summary>What `google.rpc.ErrorInfo.reason` says; part of the API.</summary>
public static class ErrorReasons
{
    public const string InvalidField = "INVALID_FIELD";
    public const string InvalidEntries = "INVALID_ENTRIES";
    public const string UploadTooLarge = "UPLOAD_TOO_LARGE";
    public const string MessageTooLarge = "MESSAGE_TOO_LARGE";
    public const string MalformedMessage = "MALFORMED_MESSAGE";
    public const string CompressedMessage = "COMPRESSED_MESSAGE";
    public const string MethodUnknown = "METHOD_UNKNOWN";
    public const string UploadTimedOut = "UPLOAD_TIMED_OUT";
    public const string IndexNotReady = "INDEX_NOT_READY";
    public const string IndexTooOld = "INDEX_TOO_OLD";
    public const string NoActiveLists = "NO_ACTIVE_LISTS";
    public const string QueueFull = "QUEUE_FULL";
    public const string DeadlineTooShort = "DEADLINE_TOO_SHORT";
    public const string UploadTooSlow = "UPLOAD_TOO_SLOW";
    public const string ShuttingDown = "SHUTTING_DOWN";
    public const string EventsNotDurable = "EVENTS_NOT_DURABLE";
    public const string StoreUnavailable = "STORE_UNAVAILABLE";
    public const string StoreUnconfirmed = "STORE_UNCONFIRMED";
    public const string StoreFull = "STORE_FULL";
    public const string StoreReadOnly = "STORE_READ_ONLY";
    public const string StoreCorrupt = "STORE_CORRUPT";
    public const string ListNotFound = "LIST_NOT_FOUND";
    public const string VersionNotFound = "VERSION_NOT_FOUND";
    public const string ListExists = "LIST_EXISTS";
    public const string LostRace = "LOST_RACE";
    public const string VersionNotStaged = "VERSION_NOT_STAGED";
    public const string VersionIsActive = "VERSION_IS_ACTIVE";
    public const string NoActiveVersion = "NO_ACTIVE_VERSION";
    public const string NothingToRollBack = "NOTHING_TO_ROLL_BACK";
    public const string GuardSizeChange = "GUARD_SIZE_CHANGE";
    public const string NeedsApproval = "NEEDS_APPROVAL";
    public const string SelfApproval = "SELF_APPROVAL";
    public const string NotAPerson = "NOT_A_PERSON";
    public const string NothingToApprove = "NOTHING_TO_APPROVE";
    public const string CredentialMissing = "CREDENTIAL_MISSING";
    public const string CredentialWrong = "CREDENTIAL_WRONG";
    public const string CallersUnknown = "CALLERS_UNKNOWN";
    public const string RoleMissing = "ROLE_MISSING";
    public const string RateLimited = "RATE_LIMITED";
    public const string DeadlineExceeded = "DEADLINE_EXCEEDED";
    public const string Cancelled = "CANCELLED";
    public const string Internal = "INTERNAL";
}
