using HashMatch.Matching.Stores;
using HashMatch.Server.Access;
using HashMatch.Server.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HashMatch.Server;

/// <summary>Says what was started, and who may call it.</summary>
public sealed class StartReport(
    IServer server, IListStore store, ServerOptions options, CallerDirectory callers, ILogger<StartReport> logger)
    : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        ICollection<string> addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        logger.LogInformation(
            "HashMatch {Version} over {Store}, listening on {Addresses} (gRPC first)",
            typeof(StartReport).Assembly.GetName().Version?.ToString(3),
            store.Description,
            string.Join(", ", addresses));
        AccessOptions access = options.Access;
        if (access.Open)
        {
            logger.LogWarning("Access is open: whoever reaches these addresses has all roles");
        }
        else if (callers.IsRead && !callers.HasCallers && access.Jwt is null && access.Certificates is null)
        {
            logger.LogWarning(
                "There is no caller, so every call but for health is refused. Add the first one: hashmatch callers add "
                + "NAME --role list-editor --store ADDRESS; or try it out alone, on loopback: hashmatch serve --open");
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
