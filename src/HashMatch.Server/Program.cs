using System.Runtime.InteropServices;
using HashMatch.Matching.Stores;
using HashMatch.Server;
using HashMatch.Server.Configuration;
using HashMatch.Server.Health;
using HashMatch.Server.Memory;
using Microsoft.AspNetCore.Connections;

try
{
    if (args is [HealthProbe.Argument, .. var rest])
    {
        return await HealthProbe.RunAsync(rest);
    }

    ProcessSecrecy.Apply();
    await using WebApplication app = await ServerHost.BuildAsync(args, CancellationToken.None);
    BackgroundService[] parts = [.. app.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
    // A terminal that is closed ends the server as SIGTERM does.
    using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        app.Lifetime.StopApplication();
    });
    await app.RunAsync();
    // A part that broke has stopped the host and logged why; whoever restarts servers must see it too.
    return parts.Any(part => part.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
}
catch (Exception e) when (
    e is ConfigurationException or StoreUnavailableException or StoreCorruptException or IOException)
{
    string hint = e.InnerException is AddressInUseException ? " Choose others with --listen and --listen-json." : "";
    await Console.Error.WriteLineAsync($"hashmatch: {e.Message.ReplaceLineEndings(" ")}{hint}");
    return 1;
}
