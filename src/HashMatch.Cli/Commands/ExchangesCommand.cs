using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Exchanges.Syncing;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch exchanges`: lists that are kept in step with a programme.</summary>
internal static class ExchangesCommand
{
    // A process that was killed on another machine holds its lease this long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Create(Surroundings surroundings) =>
        new("exchanges", "Keep lists in step with NCMEC, StopNCII, ThreatExchange or Tech Against Terrorism.")
        {
            Ls(surroundings),
            Add(surroundings),
            Set(surroundings),
            Remove(surroundings),
            Sync(surroundings),
            Status(surroundings),
            FeedbackCommand.Create(surroundings),
        };

    /// <summary>The argument that names an exchange.</summary>
    internal static Argument<string> Name() => new("NAME") { Description = "The exchange." };

    /// <summary>Opens the store; these commands do not go through a server.</summary>
    internal static Task<IListStore> OpenAsync(Session session, CancellationToken cancellation)
    {
        if (session.Parsed.GetValue(GlobalOptions.Server) is not null)
        {
            throw new FailureException(new Failure(
                "NEEDS_STORE",
                "Exchanges are configured on the store, and not through a server.",
                "Leave out --server and name the store with --store or HASHMATCH__STORE."));
        }

        return StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
    }

    internal static Failure NotFound(string name) => new(
        "EXCHANGE_NOT_FOUND", $"There is no exchange '{name}'.", "See `hashmatch exchanges ls`.");

    internal static Failure Of(ExchangeException problem) => new(Words.Of(problem.Problem), problem.Message);

    /// <summary>What the environment says of an exchange's credentials.</summary>
    internal static ExchangeCredentials CredentialsOf(Session session, string name) =>
        CredentialSource.Read(name, session.Surroundings.Variable);

    internal static ExchangeLimits LimitsOf(Session session)
    {
        try
        {
            return ExchangeLimits.Read(session.Surroundings.Variable);
        }
        catch (FormatException bad)
        {
            throw new FailureException(new Failure("INVALID", bad.Message), bad);
        }
    }

    private static Command Ls(Surroundings surroundings) =>
        new Command("ls", "All exchanges, with how they stand.").Runs(surroundings, async (session, cancellation) =>
        {
            await using IListStore store = await OpenAsync(session, cancellation);
            IReadOnlyList<StoredExchange> all = await new ExchangeCatalog(store).ReadAllAsync(cancellation);
            ExchangeTables.WriteAll(session.Output, all);
            return ExitCode.Ok;
        });

    private static Command Add(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var options = new ExchangeOptions(isNew: true);
        var command = new Command(
            "add", "Add an exchange. Its credentials come from the environment: HASHMATCH__EXCHANGES__NAME__...")
        {
            name,
        };
        options.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string exchange = session.Value(name);
            await using IListStore store = await OpenAsync(session, cancellation);
            ExchangeCatalog catalog = new ExchangeCatalog(store).As(LocalUser.Actor);
            string? problem = await catalog.AddAsync(exchange, options.New(session, exchange), cancellation);
            return await DoneAsync(session, catalog, exchange, problem, "Added", cancellation);
        });
    }

    private static Command Set(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var options = new ExchangeOptions(isNew: false);
        var command = new Command("set", "Change an exchange; another address makes all be fetched anew.") { name };
        options.AddTo(command);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string exchange = session.Value(name);
            await using IListStore store = await OpenAsync(session, cancellation);
            ExchangeCatalog catalog = new ExchangeCatalog(store).As(LocalUser.Actor);
            string? problem = await catalog.SetAsync(
                exchange, definition => options.Changed(session, definition), cancellation);
            return await DoneAsync(session, catalog, exchange, problem, "Changed", cancellation);
        });
    }

    private static Command Remove(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var command = new Command("rm", "Delete an exchange and what it fetched; its list stays.") { name };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string exchange = session.Value(name);
            await using IListStore store = await OpenAsync(session, cancellation);
            if (!await new ExchangeCatalog(store).As(LocalUser.Actor).RemoveAsync(exchange, cancellation))
            {
                return session.Output.Fail(NotFound(exchange));
            }

            if (session.Output.Json)
            {
                session.Output.Document(new { Removed = exchange });
            }
            else
            {
                session.Output.Line($"Removed exchange '{exchange}'.");
            }

            return ExitCode.Ok;
        });
    }

    private static Command Sync(Surroundings surroundings)
    {
        Argument<string> name = Name();
        var full = new Option<bool>("--full") { Description = "Fetch all anew, not only what changed." };
        var force = new Option<bool>("--force")
        {
            Description = "Pass the guards on load, such as that of the list's size.",
        };
        var command = new Command("sync", "Fetch what is new and make it the list's active version, now.")
        {
            name, full, force,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            string exchange = session.Value(name);
            await using IListStore store = await OpenAsync(session, cancellation);
            if (await new ExchangeCatalog(store).ReadAsync(exchange, cancellation) is null)
            {
                return session.Output.Fail(NotFound(exchange));
            }

            try
            {
                SyncOptions options = new()
                {
                    Full = session.Value(full),
                    Force = session.Value(force),
                    Wait = Patience,
                };
                return await SyncAsync(session, store, exchange, options, cancellation);
            }
            catch (ExchangeException problem)
            {
                return session.Output.Fail(problem.Problem == ExchangeProblem.NoCredentials
                    ? Of(problem) with { Hint = HintOf(exchange) }
                    : Of(problem));
            }
        });
    }

    private static string HintOf(string exchange) =>
        $"Set {CredentialSource.Prefix}{CredentialSource.Spell(exchange)}__NAME for each, such as ...__USERNAME, or "
        + "name a file of them in ...__CREDENTIALSFILE.";

    private static async Task<int> SyncAsync(
        Session session, IListStore store, string exchange, SyncOptions options, CancellationToken cancellation)
    {
        ExchangeLimits limits = LimitsOf(session);
        ExchangeCredentials credentials = CredentialsOf(session, exchange);
        var sync = new ExchangeSync(
            store, new Matching.Lists.ListCatalog(store, TimeProvider.System), TimeProvider.System, limits);
        var progress = new FetchedPages();
        Task<ExchangeReport> work = Task.Run(
            () => sync.SyncAsync(exchange, credentials, options, progress, cancellation), cancellation);
        ExchangeReport report = await LongWork.ShowAsync(
            work, session.Output, $"Fetching '{exchange}'", () => progress.Count, null, "pages");
        int told = await new WaitingFeedback(store, TimeProvider.System, limits)
            .SendAsync(exchange, credentials, cancellation);
        ExchangeTables.WriteReport(session.Output, exchange, report, told);
        return ExitCode.Ok;
    }

    private static Command Status(Surroundings surroundings)
    {
        Argument<string?> name = new("NAME")
        {
            Description = "The exchange (default: all).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("status", "How exchanges stand: last run, checkpoint, errors, feedback.") { name };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            await using IListStore store = await OpenAsync(session, cancellation);
            string? wanted = session.Parsed.GetValue(name);
            StoredExchange[] all = [.. (await new ExchangeCatalog(store).ReadAllAsync(cancellation))
                .Where(each => wanted is null || each.Name == wanted)];
            if (wanted is not null && all.Length == 0)
            {
                return session.Output.Fail(NotFound(wanted));
            }

            var feedback = new WaitingFeedback(store, TimeProvider.System, new ExchangeLimits());
            IReadOnlyList<FeedbackItem> waiting = await feedback.ReadAsync(wanted, cancellation);
            ExchangeTables.WriteStatus(session.Output, all, waiting);
            return ExitCode.Ok;
        });
    }

    private static async Task<int> DoneAsync(
        Session session,
        ExchangeCatalog catalog,
        string exchange,
        string? problem,
        string what,
        CancellationToken cancellation)
    {
        if (problem is not null)
        {
            return session.Output.Fail(new Failure("INVALID", $"{problem}."));
        }

        StoredExchange stored = (await catalog.ReadAsync(exchange, cancellation))!;
        if (session.Output.Json)
        {
            session.Output.Document(ExchangeTables.Document(stored, []));
        }
        else
        {
            session.Output.Line($"{what} exchange '{exchange}' for list '{stored.State.Definition.List}'.");
            session.Output.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"Credentials: {CredentialSource.Prefix}{CredentialSource.Spell(exchange)}__..., or a file named by "
                + $"...__CREDENTIALSFILE. Try it with `hashmatch exchanges sync {exchange}`."));
        }

        return ExitCode.Ok;
    }

    private sealed class FetchedPages : IProgress<ExchangeRun>
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public void Report(ExchangeRun value) => Interlocked.Exchange(ref _count, value.Fetched);
    }
}
