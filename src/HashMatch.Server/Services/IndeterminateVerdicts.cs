using System.Diagnostics.Metrics;
using Grpc.Core;
using HashMatch.Matching;
using HashMatch.Server.Access;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Telemetry;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// Verdicts on what could not be evaluated, for callers that want one instead of an error. They are made here, at the
/// edge, so that nothing behind it can take one for the result of a look-up.
/// </summary>
public sealed class IndeterminateVerdicts
{
    /// <summary>The metadata, or HTTP header, that says what a caller wants.</summary>
    public const string HeaderName = "when-indeterminate";

    private static readonly Dictionary<string, V1.IndeterminateReason> Reasons = new()
    {
        [ErrorReasons.QueueFull] = V1.IndeterminateReason.QueueFull,
        [ErrorReasons.DeadlineTooShort] = V1.IndeterminateReason.DeadlineTooShort,
        [ErrorReasons.IndexNotReady] = V1.IndeterminateReason.IndexNotReady,
        [ErrorReasons.IndexTooOld] = V1.IndeterminateReason.IndexTooOld,
        [ErrorReasons.NoActiveLists] = V1.IndeterminateReason.NoActiveLists,
        [ErrorReasons.ShuttingDown] = V1.IndeterminateReason.ShuttingDown,
        [ErrorReasons.EventsNotDurable] = V1.IndeterminateReason.EventsNotDurable,
        [ErrorReasons.Internal] = V1.IndeterminateReason.ServerFailed,
    };

    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private readonly Counter<long> _verdicts;

    public IndeterminateVerdicts(ServerOptions options, TimeProvider time, ServerMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _options = options;
        _time = time;
        _verdicts = metrics.Meter.CreateCounter<long>(
            "hashmatch.verdicts.indeterminate", "{verdict}", "Verdicts on what could not be evaluated.");
    }

    /// <summary>What the header says; unspecified when it is not there.</summary>
    /// <exception cref="RpcException">INVALID_FIELD: it says something else.</exception>
    public static V1.WhenIndeterminate HeaderOf(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Request.Headers[HeaderName].ToString().ToUpperInvariant() switch
        {
            "" => V1.WhenIndeterminate.Unspecified,
            "HOLD" => V1.WhenIndeterminate.Hold,
            "ALLOW" => V1.WhenIndeterminate.Allow,
            "REVIEW" => V1.WhenIndeterminate.Review,
            _ => throw RpcErrors.InvalidField(HeaderName, "must be hold, allow or review"),
        };
    }

    /// <summary>What a caller wants: by header, else by message, else by the server's setting for its name; null when
    /// none of them says so: an error.</summary>
    /// <param name="http">The call.</param>
    /// <param name="asked">What its message says.</param>
    /// <exception cref="RpcException">INVALID_FIELD.</exception>
    public V1.Action? ActionOf(HttpContext http, V1.WhenIndeterminate asked)
    {
        V1.WhenIndeterminate header = HeaderOf(http);
        return (header == V1.WhenIndeterminate.Unspecified ? asked : header) switch
        {
            V1.WhenIndeterminate.Hold => V1.Action.Hold,
            V1.WhenIndeterminate.Allow => V1.Action.Allow,
            V1.WhenIndeterminate.Review => V1.Action.Review,
            _ => SettingOf(Callers.NameOf(http)),
        };
    }

    /// <summary>The verdict in place of an error; null where the caller gets the error.</summary>
    /// <param name="error">What the call came to.</param>
    /// <param name="http">The call.</param>
    /// <param name="asked">What its message says it wants.</param>
    /// <param name="reference">As in the request.</param>
    public V1.MatchResponse? InPlaceOf(
        RpcException error, HttpContext http, V1.WhenIndeterminate asked, string reference) =>
        Reasons.TryGetValue(RpcErrors.ReasonOf(error), out V1.IndeterminateReason reason)
            ? For(reason, http, asked, reference)
            : null;

    /// <summary>The verdict for a reason; null where the caller has not asked for one.</summary>
    public V1.MatchResponse? For(
        V1.IndeterminateReason reason, HttpContext http, V1.WhenIndeterminate asked, string reference)
    {
        if (ActionOf(http, asked) is not { } action)
        {
            return null;
        }

        // What matched is not let through for want of a disk.
        if (reason == V1.IndeterminateReason.EventsNotDurable && action == V1.Action.Allow)
        {
            action = V1.Action.Hold;
        }

        _verdicts.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
        return new V1.MatchResponse
        {
            VerdictId = VerdictIds.Create(_time.GetUtcNow()),
            Outcome = V1.Outcome.Indeterminate,
            IndeterminateReason = reason,
            Action = action,
            Reference = reference,
        };
    }

    /// <summary>A batch's verdicts in place of an error; null where the caller gets the error.</summary>
    public V1.MatchHashesResponse? BatchInPlaceOf(
        RpcException error, HttpContext http, V1.WhenIndeterminate asked, int queries)
    {
        if (InPlaceOf(error, http, asked, "") is not { } first)
        {
            return null;
        }

        var response = new V1.MatchHashesResponse { Results = { first } };
        while (response.Results.Count < queries)
        {
            V1.MatchResponse next = first.Clone();
            next.VerdictId = VerdictIds.Create(_time.GetUtcNow());
            response.Results.Add(next);
        }

        return response;
    }

    private V1.Action? SettingOf(string caller) =>
        !_options.WhenIndeterminate.TryGetValue(caller, out IndeterminateAction action) ? null : action switch
        {
            IndeterminateAction.Hold => V1.Action.Hold,
            IndeterminateAction.Allow => V1.Action.Allow,
            IndeterminateAction.Review => V1.Action.Review,
            _ => null,
        };
}
