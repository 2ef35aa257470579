using System.Diagnostics.Metrics;
using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Admission;

/// <summary>What admission lets in, holds and refuses.</summary>
public sealed class AdmissionMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _sheds;

    public AdmissionMetrics(ServerMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _meter = metrics.Meter;
        _sheds = _meter.CreateCounter<long>(
            "hashmatch.admission.sheds", "{upload}", "Uploads refused or given up for want of room or time.");
    }

    /// <summary>An upload was refused.</summary>
    public void Shed(string reason) => _sheds.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Tells from now on how this stands.</summary>
    internal void Watch(UploadPlaces places, DecodeLine line)
    {
        _meter.CreateObservableGauge(
            "hashmatch.admission.in_hand", () => places.Count, "{upload}", "Uploads from first header to answer.");
        _meter.CreateObservableGauge(
            "hashmatch.admission.places", () => places.MaxCount, "{upload}", "Uploads that may be in hand.");
        _meter.CreateObservableGauge(
            "hashmatch.admission.receiving", () => places.Receiving, "{upload}", "Uploads being received.");
        _meter.CreateObservableGauge(
            "hashmatch.admission.bytes", () => places.Bytes, "By", "Bytes of uploads in hand.");
        _meter.CreateObservableGauge(
            "hashmatch.admission.waiting", () => line.Waiting, "{upload}", "Uploads in line for a decode.");
        _meter.CreateObservableGauge(
            "hashmatch.admission.wait", () => line.Wait.TotalSeconds, "s", "What the next upload would wait.");
    }
}
