using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Memory;

/// <summary>Says at the start what keeps uploads in memory to themselves, and counts that memory.</summary>
public sealed class MemoryReport(UploadArena arena, ServerMetrics metrics, ILogger<MemoryReport> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("{Arena}", arena.Description);
        if (ProcessSecrecy.HasDiagnostics)
        {
            logger.LogInformation(
                "The runtime's diagnostics are on: who runs as this user can ask it for a dump. "
                + "DOTNET_EnableDiagnostics=0 in the environment switches them off");
        }

        metrics.Meter.CreateObservableGauge(
            "hashmatch.upload_memory.used", () => arena.UsedBytes, "By", "Memory that uploads in hand take.");
        metrics.Meter.CreateObservableGauge(
            "hashmatch.upload_memory.capacity", () => arena.CapacityBytes, "By", "Memory that there is for uploads.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
