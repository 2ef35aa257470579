using System.Diagnostics;

namespace HashMatch.Server.Telemetry;

/// <summary>Where the server's spans come from: one a call, and one for each of its stages.</summary>
public static class ServerTraces
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "HashMatch";

    private const string ParentHeader = "traceparent";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Begins a call's span; null when nobody records it.</summary>
    /// <param name="rpc">Names it.</param>
    /// <param name="headers">The caller's: its trace and whether that is sampled are taken over. Its trace state and
    /// its baggage are text of its own choice, and are not.</param>
    internal static Activity? Start(Rpc rpc, IHeaderDictionary headers)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(headers[ParentHeader], null, isRemote: true, out ActivityContext parent);
        // The framework may have begun an activity, with the caller's baggage on it: ours is not its child.
        Activity.Current = null;
        return Source.StartActivity(rpc.Name, ActivityKind.Server, parent, rpc.SpanTags);
    }

    /// <summary>A stage that has ended already, under its call's span.</summary>
    internal static void Stage(Activity call, string name, DateTime start, DateTime end)
    {
        using Activity? stage = Source.StartActivity(
            name, ActivityKind.Internal, call.Context, tags: null, links: null, startTime: start);
        stage?.SetEndTime(end);
    }
}
