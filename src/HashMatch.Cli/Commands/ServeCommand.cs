using System.CommandLine;
using System.Diagnostics;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Cli.Serving;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch serve`: becomes the server that the tool carries.</summary>
internal static class ServeCommand
{
    private const string OpenSetting = "--HashMatch:Access:Open";

    public static Command Create(Surroundings surroundings)
    {
        var listen = new Option<string?>("--listen")
        {
            Description = $"Where gRPC is served (default: {DemoServer.DefaultListen}).",
            HelpName = "URL",
        };
        var listenJson = new Option<string?>("--listen-json")
        {
            Description = "Where JSON and plain health are served (default: http://127.0.0.1:50080).",
            HelpName = "URL",
        };
        var demo = new Option<bool>("--demo")
        {
            Description = $"Load the sample list as '{DemoServer.List}' when it is missing, and show verdicts on the "
                + "sample pictures.",
        };
        var open = new Option<bool>("--open")
        {
            Description = "Let whoever reaches it do everything, without a credential: on loopback alone. --demo says "
                + "so itself.",
        };
        var exit = new Option<bool>("--exit")
        {
            Description = "With --demo: stop after the verdicts; exit with 0 only when they are as expected.",
        };
        var rest = new Argument<string[]>("SETTING")
        {
            Description = "After --: settings of the server, such as --HashMatch:MaxQueuedUploads=64.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("serve", "Start the gRPC service.")
        {
            listen, listenJson, demo, open, exit, rest,
        };
        return command.Runs(surroundings, (session, cancellation) =>
        {
            List<string> arguments = [];
            Add(arguments, "--store", session.Value(GlobalOptions.Store));
            Add(arguments, "--listen", session.Value(listen));
            Add(arguments, "--listen-json", session.Value(listenJson));
            // Before the settings, which can say otherwise.
            Add(arguments, OpenSetting, session.Value(open) || session.Value(demo) ? "true" : null);
            arguments.AddRange(session.Parsed.GetValue(rest) ?? []);
            return RunAsync(
                session, session.Value(listen), arguments, session.Value(demo), session.Value(exit), cancellation);
        });
    }

    private static void Add(List<string> arguments, string name, string? value)
    {
        if (value is not null)
        {
            arguments.Add($"{name}={value}");
        }
    }

    private static async Task<int> RunAsync(
        Session session,
        string? listen,
        List<string> arguments,
        bool demo,
        bool exit,
        CancellationToken cancellation)
    {
        if (Refusal(session, demo, exit) is { } refusal)
        {
            return session.Output.Fail(refusal);
        }

        if (!demo)
        {
            session.Output.Flush();
            return await ServerProcess.BecomeAsync(arguments, cancellation);
        }

        string address = DemoServer.AddressOf(
            listen ?? session.Surroundings.Variable("HASHMATCH__LISTEN") ?? DemoServer.DefaultListen);
        if (await DemoServer.IsTakenAsync(address, cancellation))
        {
            return session.Output.Fail(new Failure(
                "ADDRESS_IN_USE",
                $"Something listens at {address} already.",
                "Stop it, or choose another port with --listen http://127.0.0.1:PORT and --listen-json."));
        }

        int loaded = await LoadSampleAsync(session, cancellation);
        session.Output.Flush();
        if (loaded != ExitCode.Ok)
        {
            return loaded;
        }

        if (exit)
        {
            return await RunToTheVerdictsAsync(session, address, arguments, cancellation);
        }

        // Started twice over, so that it is no child of the server, which would have to reap it.
        string json = session.Output.Json ? "true" : "false";
        using Process verdicts = ServerProcess.StartTool(
        [
            DemoVerdictsCommand.Name, "--detach", "--server", address, "--json", json,
            "--server-pid", ServerProcess.IdText(Environment.ProcessId),
        ]);
        await verdicts.WaitForExitAsync(cancellation);
        return await ServerProcess.BecomeAsync(arguments, cancellation);
    }

    private static Failure? Refusal(Session session, bool demo, bool exit)
    {
        if (session.ServerRefused("it starts one") is { } refused)
        {
            return refused with { Hint = "Did you mean --listen?" };
        }

        if (exit && !demo)
        {
            return new Failure("BAD_COMMAND_LINE", "--exit goes with --demo.");
        }

        return File.Exists(Programs.ServerAssembly)
            ? null
            : new Failure(
                "SERVER_MISSING",
                $"The server is not beside the tool: {Programs.ServerAssembly} does not exist.",
                "Build or install the tool again; its build carries the server.");
    }

    private static async Task<int> LoadSampleAsync(Session session, CancellationToken cancellation)
    {
        await using StoreCurator curator = await StoreCurator.OpenAsync(session.StoreAddress, cancellation);
        CatalogResult<HashList> list = await curator.ReadAsync(DemoServer.List, cancellation);
        if (list.IsOk)
        {
            session.Output.Note($"List '{DemoServer.List}' is in the store already.");
            return ExitCode.Ok;
        }

        string path = Path.Combine(Programs.Hashsets, "sample.csv");
        (Stream? found, Failure? failure) =
            await Input.InputFile.OpenAsync(path, session.Surroundings, cancellation);
        await using Stream? opened = found;
        if (opened is null)
        {
            return session.Output.Fail(failure!);
        }

        await using var file = new Input.CountingStream(opened);
        var load = new ListLoad(session, curator, new LoadOrder
        {
            List = DemoServer.List,
            File = path,
            Source = "sample.csv",
            Policy = new ListUpdate { Description = "The sample list of hashsets/" },
        });
        return await load.RunAsync(file, cancellation);
    }

    private static async Task<int> RunToTheVerdictsAsync(
        Session session, string address, List<string> arguments, CancellationToken cancellation)
    {
        using Process server = ServerProcess.StartServer(arguments);
        try
        {
            return await new DemoServer(session.Output, address, server.Id, () => !server.HasExited)
                .ShowVerdictsAsync(goesOn: false, cancellation);
        }
        finally
        {
            await ServerProcess.StopAsync(server);
        }
    }
}
