using System.Diagnostics.Metrics;

namespace HashMatch.Server.Telemetry;

/// <summary>The meter that every part of the server makes its instruments of.</summary>
public sealed class ServerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "HashMatch";

    /// <summary>Instruments are named `hashmatch.*`; no tag holds a hash, a reference, an address or a caller's
    /// name.</summary>
    public Meter Meter { get; } = new(MeterName);

    public void Dispose() => Meter.Dispose();
}
