using System.Diagnostics.Metrics;

namespace HashMatch.Server.Telemetry;

/// <summary>The meter that every part of the server makes its instruments of.</summary>
public sealed class ServerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "HashMatch";

    /// <summary>From a look-up to a decode that is given up, in seconds.</summary>
    private static readonly InstrumentAdvice<double> SecondsAdvice = new()
    {
        HistogramBucketBoundaries =
        [
            0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
            30,
        ],
    };

    /// <summary>Instruments are named `hashmatch.*`; no tag holds a hash, a reference, an address or a caller's
    /// name.</summary>
    public Meter Meter { get; } = new(MeterName);

    /// <summary>A histogram of times in seconds, with buckets from 50 us to 30 s.</summary>
    public Histogram<double> Seconds(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, SecondsAdvice);

    public void Dispose() => Meter.Dispose();
}
