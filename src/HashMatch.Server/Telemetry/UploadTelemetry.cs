using System.Diagnostics;
using System.Diagnostics.Metrics;
using HashMatch.Matching;

namespace HashMatch.Server.Telemetry;

/// <summary>Times the stages of uploads and counts verdicts. Allocates nothing but a sampled call's spans.</summary>
public sealed class UploadTelemetry
{
    private static readonly string[] StageNames =
        [.. Enum.GetNames<Stage>().Select(name => name.ToLowerInvariant())];

    private static readonly KeyValuePair<string, object?>[] StageTags =
        [.. StageNames.Select(name => new KeyValuePair<string, object?>("stage", name))];

    private static readonly string[] Outcomes = [.. Enum.GetNames<Outcome>().Select(Snake)];
    private static readonly string[] Actions = [.. Enum.GetNames<MatchAction>().Select(Snake)];
    private static readonly string[] Reasons = [.. Enum.GetNames<UnhashableReason>().Select(Snake)];

    private readonly Histogram<double> _stages;
    private readonly Histogram<long> _bytes;
    private readonly Histogram<long> _batches;
    private readonly Counter<long> _verdicts;
    private readonly Counter<long> _matches;

    public UploadTelemetry(ServerMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Meter meter = metrics.Meter;
        _stages = metrics.Seconds("hashmatch.stage.duration", "Stages of uploads.");
        _bytes = meter.CreateHistogram(
            "hashmatch.upload.size", "By", "Uploads by their bytes.", tags: null, new InstrumentAdvice<long>
            {
                HistogramBucketBoundaries =
                    [16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 33_554_432, 134_217_728],
            });
        _batches = meter.CreateHistogram(
            "hashmatch.batch.queries", description: "Queries of calls of hashes.", unit: null, tags: null,
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 10, 100, 1_000, 10_000] });
        _verdicts = meter.CreateCounter<long>("hashmatch.verdicts", description: "Verdicts.");
        _matches = meter.CreateCounter<long>(
            "hashmatch.matches", description: "Matches that verdicts list, that only shadow lists have, and that "
            + "negative lists suppress.");
    }

    /// <summary>A stage's name in metrics and spans.</summary>
    internal static string NameOf(Stage stage) => StageNames[(int)stage];

    /// <summary>A clock whose first stage begins now.</summary>
    public StageClock Start() => Start(Stopwatch.GetTimestamp());

    /// <summary>A clock whose first stage began with the call.</summary>
    public StageClock Start(HttpContext call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.Features.Get<CallRecord>() is { } record ? Start(record.StartedAt) : Start();
    }

    /// <summary>Counts an upload's bytes.</summary>
    public void Received(long bytes) => _bytes.Record(bytes);

    /// <summary>Counts a verdict and its matches.</summary>
    public void Count(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        CountVerdicts(verdict.Outcome, verdict.Action, verdict.Reason, 1);
        for (int i = 0; i < verdict.Matches.Count; i++)
        {
            CountMatch(verdict.Matches[i], "deciding");
        }

        for (int i = 0; i < verdict.ShadowMatches.Count; i++)
        {
            CountMatch(verdict.ShadowMatches[i], "shadow");
        }

        for (int i = 0; i < verdict.Suppressed.Count; i++)
        {
            CountMatch(verdict.Suppressed[i].Match, "suppressed");
        }
    }

    /// <summary>Counts a batch, and its verdicts that found nothing: most of them, so all at once.</summary>
    /// <param name="queries">Queries of the call.</param>
    /// <param name="unmatched">Verdicts that say NoKnownMatch and Allow, and that list nothing.</param>
    public void CountBatch(int queries, int unmatched)
    {
        _batches.Record(queries);
        if (unmatched > 0)
        {
            CountVerdicts(Outcome.NoKnownMatch, MatchAction.Allow, UnhashableReason.None, unmatched);
        }
    }

    /// <summary>Whether <see cref="CountBatch"/> counts a verdict.</summary>
    public static bool IsUnmatched(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.Outcome == Outcome.NoKnownMatch && verdict.Action == MatchAction.Allow
            && verdict.ShadowMatches.Count == 0 && verdict.Suppressed.Count == 0;
    }

    internal void Record(Stage stage, long start, long end, Activity? call)
    {
        TimeSpan took = Stopwatch.GetElapsedTime(start, end);
        _stages.Record(took.TotalSeconds, StageTags[(int)stage]);
        if (call is not null)
        {
            DateTime ended = DateTime.UtcNow - Stopwatch.GetElapsedTime(end);
            ServerTraces.Stage(call, NameOf(stage), ended - took, ended);
        }
    }

    private StageClock Start(long timestamp) => new(
        this,
        Activity.Current is { Recorded: true } call && ReferenceEquals(call.Source, ServerTraces.Source) ? call : null,
        timestamp);

    private void CountVerdicts(Outcome outcome, MatchAction action, UnhashableReason reason, int count) =>
        _verdicts.Add(
            count,
            new("outcome", Outcomes[(int)outcome]),
            new("action", Actions[(int)action]),
            new("reason", Reasons[(int)reason]));

    private void CountMatch(Match match, string kind) => _matches.Add(
        1, new("list", match.List), new("kind", kind), new("action", Actions[(int)match.Action]));

    // NoKnownMatch is NO_KNOWN_MATCH, as the API spells it.
    private static string Snake(string name) => string.Concat(
        name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));
}
