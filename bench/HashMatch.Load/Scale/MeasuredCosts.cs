using System.Text.Json;
using System.Text.Json.Serialization;

namespace HashMatch.Load.Scale;

/// <summary>What a simulation is fed with: what was measured on one machine. `bench/scaling.md` names the command of
/// each default. Another machine's are read from a file of the same form.</summary>
internal sealed record MeasuredCosts
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Times and sizes are measured; the weights are a supposition.</summary>
    public IReadOnlyList<UploadKind> Kinds { get; init; } =
    [
        new("512x512 JPEG", 70, 63, 0.90),
        new("1920x1080 JPEG", 25, 419, 5.1),
        new("4000x3000 JPEG", 5, 2066, 18.0),
    ];

    /// <summary>Of the time that uploads of one kind take: standard deviation to mean. A supposition.</summary>
    public double Spread { get; init; } = 0.3;

    /// <summary>A query of the index by the number of entries, fewest first.</summary>
    public IReadOnlyList<LookupPoint> Lookups { get; init; } =
    [
        new(100_000, 3.3, 0.03), new(1_000_000, 5.0, 0.21), new(10_000_000, 32, 3.3), new(100_000_000, 230, 41),
    ];

    /// <summary>Milliseconds of a core for a call of one ready-made hash, caller and service together, without its
    /// look-up.</summary>
    public double CallMilliseconds { get; init; } = 0.05;

    /// <summary>Resident memory of a loaded process, in MiB, without entries.</summary>
    public double RestMiB { get; init; } = 220;

    /// <summary>Bytes that Redis holds for an entry with an id, a classification and a severity.</summary>
    public double StoredBytes { get; init; } = 58.5;

    /// <summary>Bytes of it that a replica fetches and holds.</summary>
    public double LoadedBytes { get; init; } = 55;

    /// <summary>Microseconds from Redis to a segment in memory, an entry.</summary>
    public double FetchMicroseconds { get; init; } = 0.24;

    /// <summary>KiB that a replica fetches at an edit, beside the manifest.</summary>
    public double EditKiB { get; init; } = 9;

    /// <summary>From a process's start to ready, in seconds, without entries.</summary>
    public double StartSeconds { get; init; } = 1.1;

    /// <summary>From a file.</summary>
    /// <exception cref="InvalidOperationException">It is no such file; the message says why.</exception>
    public static MeasuredCosts Read(string file)
    {
        try
        {
            MeasuredCosts? costs = JsonSerializer.Deserialize<MeasuredCosts>(File.ReadAllText(file), Json);
            return costs is { Kinds.Count: > 0, Lookups.Count: > 0 }
                ? costs
                : throw new InvalidOperationException($"{file} has no kinds or no lookups.");
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>Milliseconds of a core for one query: between points by their logarithms, beyond the last one in
    /// proportion, as buckets then grow with the entries.</summary>
    public double LookupMilliseconds(double entries) => At(entries, point => point.Microseconds) / 1000;

    /// <summary>Seconds of one core that building the index takes, likewise.</summary>
    public double BuildSeconds(double entries) => At(entries, point => point.BuildSeconds);

    private double At(double entries, Func<LookupPoint, double> value)
    {
        LookupPoint last = Lookups[^1];
        if (entries >= last.Entries)
        {
            return value(last) * entries / last.Entries;
        }

        if (entries <= Lookups[0].Entries)
        {
            return value(Lookups[0]);
        }

        int above = Lookups.Index().First(point => point.Item.Entries > entries).Index;
        (LookupPoint low, LookupPoint high) = (Lookups[above - 1], Lookups[above]);
        double part = Math.Log(entries / low.Entries) / Math.Log(high.Entries / low.Entries);
        return value(low) * Math.Pow(value(high) / value(low), part);
    }
}
