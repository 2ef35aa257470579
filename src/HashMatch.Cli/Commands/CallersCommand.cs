using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Access;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch callers`: who may call the servers of a store, by API key.</summary>
internal static class CallersCommand
{
    public static Command Create(Surroundings surroundings) =>
        new("callers", "Who may call the servers of a store, and with which roles.")
        {
            Ls(surroundings),
            Add(surroundings),
            Set(surroundings),
            Rotate(surroundings),
            Remove(surroundings),
            Key(surroundings),
        };

    private static Argument<string> Name() => new("NAME") { Description = "The caller." };

    // Not through a server: a key that was stolen makes no other keys.
    private static Task<IListStore> OpenAsync(Session session, CancellationToken cancellation) =>
        session.Parsed.GetValue(GlobalOptions.Server) is null
            ? StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation)
            : throw new FailureException(new Failure(
                "NEEDS_STORE",
                "Callers are kept on the store, and not through a server.",
                "Leave out --server and name the store with --store or HASHMATCH__STORE."));

    private static Command Ls(Surroundings surroundings) =>
        new Command("ls", "All callers of the store, with their roles.").Runs(
            surroundings,
            async (session, cancellation) =>
            {
                await using IListStore store = await OpenAsync(session, cancellation);
                IReadOnlyList<StoredCaller> callers = await new CallerCatalog(store, TimeProvider.System)
                    .ReadAllAsync(
                        name => session.Output.Note($"The document of caller '{name}' cannot be read."), cancellation);
                if (session.Output.Json)
                {
                    session.Output.Document(callers.Select(caller => Documents.Of(caller)).ToArray());
                    return ExitCode.Ok;
                }

                session.Output.Table(
                    ["CALLER", "ROLES", "DETAILS", "RATE", "EXPIRES", "STATE", "KEYS"], callers.Select(Row).ToList());
                return ExitCode.Ok;
            });

    private static Command Add(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var options = new CallerArguments(isNew: true);
        var command = new Command("add", "Add a caller; its key is shown this once.") { name };
        options.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            CallerDefinition definition = options.Change(session, new CallerDefinition());
            await using IListStore store = await OpenAsync(session, cancellation);
            var key = ApiKey.Create();
            CallerResult result = await new CallerCatalog(store, TimeProvider.System).As(LocalUser.Actor).AddAsync(
                session.Value(name), definition, key, cancellation);
            return ShowKey(session, result, key, "Added");
        });
    }

    private static Command Set(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var options = new CallerArguments(isNew: false);
        var command = new Command("set", "Change a caller; servers follow within two seconds.") { name };
        options.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            await using IListStore store = await OpenAsync(session, cancellation);
            CallerResult result = await new CallerCatalog(store, TimeProvider.System).As(LocalUser.Actor).UpdateAsync(
                session.Value(name), definition => options.Change(session, definition), cancellation);
            return Show(session, result, "Changed");
        });
    }

    private static Command Rotate(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var overlap = new Option<TimeSpan>("--overlap")
        {
            Description = "So long the keys that it has are still taken, such as 01:00:00 (default: not at all).",
            HelpName = "TIME",
        };
        var command = new Command("rotate", "Give a caller another key; it is shown this once.") { name, overlap };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            TimeSpan time = session.Value(overlap);
            if (time < TimeSpan.Zero || time > TimeSpan.FromDays(365))
            {
                return session.Output.Fail(new Failure("BAD_COMMAND_LINE", "--overlap must be 0 to 365 days."));
            }

            await using IListStore store = await OpenAsync(session, cancellation);
            var key = ApiKey.Create();
            CallerResult result = await new CallerCatalog(store, TimeProvider.System).As(LocalUser.Actor).RotateAsync(
                session.Value(name), key, time, cancellation);
            return ShowKey(session, result, key, "Another key for");
        });
    }

    private static Command Remove(Surroundings surroundings)
    {
        Argument<string> name = Name();
        return new Command("rm", "Remove a caller with its keys.") { name }.Runs(
            surroundings,
            async (session, cancellation) =>
            {
                await using IListStore store = await OpenAsync(session, cancellation);
                return Show(
                    session,
                    await new CallerCatalog(store, TimeProvider.System).As(LocalUser.Actor).RemoveAsync(
                        session.Value(name), cancellation),
                    "Removed");
            });
    }

    private static Command Key(Surroundings surroundings) =>
        new Command("key", "Make a key for a caller of a server's settings; nothing is stored.").Runs(
            surroundings,
            (session, _) =>
            {
                var key = ApiKey.Create();
                if (session.Output.Json)
                {
                    session.Output.Document(new { Key = key.Reveal(), KeyId = key.Id, KeyHash = key.Hash });
                    return Task.FromResult(ExitCode.Ok);
                }

                session.Output.Line(key.Reveal());
                session.Output.Note(
                    "The server's settings, for a caller NAME: HashMatch:Access:Callers:NAME:KeyId = " + key.Id
                    + ", KeyHash = " + key.Hash + ", Roles:0 = matcher");
                return Task.FromResult(ExitCode.Ok);
            });

    private static int ShowKey(Session session, CallerResult result, ApiKey key, string what)
    {
        if (result.Caller is not { } caller)
        {
            return session.Output.Fail(FailureOf(result));
        }

        if (session.Output.Json)
        {
            session.Output.Document(Documents.Of(caller, key.Reveal()));
            return ExitCode.Ok;
        }

        // The key alone on standard output, so that a script can take it.
        session.Output.Note($"{what} caller '{caller.Name}'. Its key is shown this once; keep it as a password:");
        session.Output.Line(key.Reveal());
        return ExitCode.Ok;
    }

    private static int Show(Session session, CallerResult result, string what)
    {
        if (result.Caller is not { } caller)
        {
            return session.Output.Fail(FailureOf(result));
        }

        if (session.Output.Json)
        {
            session.Output.Document(Documents.Of(caller));
        }
        else
        {
            session.Output.Line($"{what} caller '{caller.Name}'; servers follow within two seconds.");
        }

        return ExitCode.Ok;
    }

    private static Failure FailureOf(CallerResult refused) => new(
        refused.Reason,
        char.ToUpperInvariant(refused.Message[0]) + refused.Message[1..] + ".",
        refused.Reason is "CALLER_NOT_FOUND" or "CALLER_EXISTS" ? "See `hashmatch callers ls`." : "");

    private static string[] Row(StoredCaller caller)
    {
        CallerDefinition definition = caller.Definition;
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return
        [
            caller.Name,
            string.Join(",", definition.Roles),
            definition.SeesDetails() ? "yes" : "no",
            definition.Rate switch
            {
                null => "-",
                0 => "any",
                { } rate => rate.ToString(CultureInfo.InvariantCulture),
            },
            definition.ExpiresAt?.ToString("u", CultureInfo.InvariantCulture) ?? "-",
            definition.Disabled ? "disabled" : definition.ExpiresAt <= now ? "expired" : "active",
            string.Join(",", definition.Keys.Where(key => !(key.ExpiresAt <= now)).Select(key => key.Id)),
        ];
    }
}
