using System.Text.Json;
using System.Text.Json.Serialization;

namespace HashMatch.Load.Scale;

/// <summary>All that was computed and simulated.</summary>
internal sealed record ScaleResults
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
    };

    /// <summary>Of this document's form.</summary>
    public int Schema { get; init; } = 1;

    public required ScaleOptions Settings { get; init; }

    public required MeasuredCosts Costs { get; init; }

    public IReadOnlyList<RealRunRow> RealRuns { get; init; } = [];

    public IReadOnlyList<EntriesFigures> ByEntries { get; init; } = [];

    public IReadOnlyList<PlanRow> Plan { get; init; } = [];

    public IReadOnlyList<BalancingRow> Balancing { get; init; } = [];

    public IReadOnlyList<OutageRow> Outages { get; init; } = [];

    public IReadOnlyList<BuildRow> Builds { get; init; } = [];

    public IReadOnlyList<FanOutRow> FanOut { get; init; } = [];

    public IReadOnlyList<ShardsRow> Shards { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
