using System.CommandLine;
using Grpc.Net.Client;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli;

/// <summary>One run of one command: its arguments, where it writes, and what it works on.</summary>
internal sealed class Session(ParseResult parsed, Surroundings surroundings)
{
    public ParseResult Parsed { get; } = parsed;

    public Surroundings Surroundings { get; } = surroundings;

    public ToolOutput Output { get; } = new(surroundings, parsed.GetValue(GlobalOptions.Json));

    /// <summary>The store's address: --store, HASHMATCH__STORE, or the default that the server has too.</summary>
    public string StoreAddress => Parsed.GetValue(GlobalOptions.Store)
        ?? NotEmpty(Surroundings.Variable(GlobalOptions.StoreVariable))
        ?? "sqlite:" + Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "hashmatch");

    /// <summary>The server's address when the command is to go through one; null for the store.</summary>
    /// <exception cref="FailureException">Both a store and a server are given.</exception>
    public string? ServerAddress
    {
        get
        {
            string? server = Parsed.GetValue(GlobalOptions.Server);
            bool store = Parsed.GetValue(GlobalOptions.Store) is not null;
            if (server is not null && store)
            {
                throw new FailureException(new Failure(
                    "STORE_AND_SERVER",
                    "--store and --server say two different places.",
                    "Give one: --server to go through a running server, --store to work on the store itself."));
            }

            return server ?? (store ? null : NotEmpty(Surroundings.Variable(GlobalOptions.ServerVariable)));
        }
    }

    public T? Value<T>(Option<T> option) => Parsed.GetValue(option);

    public T Value<T>(Argument<T> argument) => Parsed.GetRequiredValue(argument);

    /// <summary>Opens what lists are curated on.</summary>
    /// <exception cref="FailureException">The address is not one.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be opened.</exception>
    public async Task<ICurator> OpenCuratorAsync(CancellationToken cancellation) => ServerAddress is { } address
        ? new ServerCurator(await OpenChannelAsync(address, cancellation), address)
        : await StoreCurator.OpenAsync(StoreAddress, cancellation);

    /// <summary>A channel to a server, with what this tool shows to it.</summary>
    /// <exception cref="FailureException">The address, or a file of a credential, cannot be used.</exception>
    public async Task<GrpcChannel> OpenChannelAsync(string address, CancellationToken cancellation) =>
        Endpoint.Open(address, await ServerCredentials.ReadAsync(this, cancellation));

    /// <summary>Why a command that uses no server cannot be given one; null when it was not.</summary>
    /// <param name="what">What the command does instead.</param>
    public Failure? ServerRefused(string what) => Parsed.GetValue(GlobalOptions.Server) is null
        ? null
        : new Failure("BAD_COMMAND_LINE", $"--server does not go with this command: {what}.");

    /// <summary>Reports a refusal; an unknown list with the names that there are.</summary>
    public async Task<int> RefuseAsync<T>(
        CatalogResult<T> refused, string list, ICurator curator, CancellationToken cancellation)
        where T : class
    {
        Failure failure = Failure.Of(refused);
        if (refused.Error == CatalogError.ListNotFound)
        {
            IReadOnlyList<HashList> lists = await curator.ReadAllAsync(cancellation);
            failure = failure with { Hint = NearNames.Hint(list, [.. lists.Select(each => each.Name)]) };
        }

        return Output.Fail(failure);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
