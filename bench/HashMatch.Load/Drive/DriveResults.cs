using System.Text.Json;
using System.Text.Json.Serialization;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>All that a run came to.</summary>
internal sealed record DriveResults
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
    };

    /// <summary>Of this document's form.</summary>
    public int Schema { get; init; } = 1;

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>This program's version, with the commit that it was built of.</summary>
    public string Build { get; init; } = "";

    public required Machine Machine { get; init; }

    /// <summary>Load average of the machine before and after; null where nothing says so.</summary>
    public double? LoadBefore { get; init; }

    /// <inheritdoc cref="LoadBefore"/>
    public double? LoadAfter { get; init; }

    public required DriveOptions Settings { get; init; }

    /// <summary>Builds of the started services, by target.</summary>
    public IReadOnlyDictionary<string, string> Builds { get; init; } = new Dictionary<string, string>();

    /// <summary>By case, target and load, over the rounds.</summary>
    public IReadOnlyList<LoadFigures> Figures { get; init; } = [];

    /// <summary>Every loop, in the order in which they were.</summary>
    public IReadOnlyList<PhaseFigures> Phases { get; init; } = [];

    public IReadOnlyList<Comparison> Comparisons { get; init; } = [];

    public IReadOnlyList<GoalFigure> Goals { get; init; } = [];

    /// <summary>What the first bad call came to, by target.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; init; } = new Dictionary<string, string>();

    /// <summary>Calls of the check before the measuring, and of all loops, that were wrong or failed.</summary>
    public long Bad { get; init; }

    public static DriveResults FromJson(string text) => JsonSerializer.Deserialize<DriveResults>(text, Json)
        ?? throw new JsonException("no results");

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
