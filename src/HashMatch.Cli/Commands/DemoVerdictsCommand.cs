using System.CommandLine;
using System.Diagnostics;
using HashMatch.Cli.Output;
using HashMatch.Cli.Serving;

namespace HashMatch.Cli.Commands;

/// <summary>What `serve --demo` leaves behind to show verdicts while the server serves.</summary>
internal static class DemoVerdictsCommand
{
    public const string Name = "demo-verdicts";

    public static Command Create(Surroundings surroundings)
    {
        var serverId = new Option<int>("--server-pid") { Required = true };
        var detach = new Option<bool>("--detach");
        var command = new Command(Name, "Show verdicts on the sample pictures.") { serverId, detach };
        command.Hidden = true;
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string address = session.ServerAddress ?? DemoServer.DefaultListen;
            int server = session.Value(serverId);
            if (!session.Value(detach))
            {
                var demo = new DemoServer(session.Output, address, server, () => ServerProcess.IsAlive(server));
                return await demo.ShowVerdictsAsync(goesOn: true, cancellation);
            }

            string json = session.Output.Json ? "true" : "false";
            using Process child = ServerProcess.StartTool(
                [Name, "--server", address, "--json", json, "--server-pid", ServerProcess.IdText(server)]);
            return ExitCode.Ok;
        });
    }
}
