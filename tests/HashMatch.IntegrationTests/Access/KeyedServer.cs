using Grpc.Core;
using Grpc.Core.Interceptors;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Access;

/// <summary>A closed server with callers of the store, each with its key.</summary>
internal sealed class KeyedServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, ApiKey> _keys = [];

    private KeyedServer()
    {
        Store = $"sqlite:{_folder["data"]}";
    }

    public string Store { get; }

    public RunningServer Running { get; private set; } = null!;

    /// <summary>A store to fill before the server starts.</summary>
    public static KeyedServer Prepare() => new();

    /// <summary>Adds a caller.</summary>
    public async Task AddAsync(
        string name, string[] roles, CancellationToken cancellation, bool details = false, int? rate = null)
    {
        await using IListStore store = await ListStores.OpenAsync(Store, TimeProvider.System, cancellation);
        _keys[name] = ApiKey.Create();
        CallerResult added = await new CallerCatalog(store, TimeProvider.System).AddAsync(
            name,
            new CallerDefinition { Roles = roles, Details = details, Rate = rate },
            _keys[name],
            cancellation);
        Assert.True(added.Caller is not null, added.Message);
    }

    /// <summary>Changes what is kept of callers.</summary>
    public async Task ChangeAsync(Func<CallerCatalog, Task<CallerResult>> change, CancellationToken cancellation)
    {
        await using IListStore store = await ListStores.OpenAsync(Store, TimeProvider.System, cancellation);
        CallerResult changed = await change(new CallerCatalog(store, TimeProvider.System));
        Assert.True(changed.Caller is not null, changed.Message);
    }

    /// <summary>Loads a list.</summary>
    public async Task LoadAsync(
        string list, MatchPolicy policy, CancellationToken cancellation, params HashEntry[] entries)
    {
        await using IListStore store = await ListStores.OpenAsync(Store, TimeProvider.System, cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);
        CatalogResult<HashList> created = await catalog.CreateAsync(list, "", policy, cancellation);
        Assert.True(created.IsOk, created.Message);
        CatalogResult<StageResult> staged = await catalog.StageAsync(
            list, Lines(entries), new StageOptions { Source = "test" }, null, cancellation);
        Assert.True(staged.IsOk, staged.Message);
        Assert.True(
            (await catalog.ActivateAsync(list, staged.Value.Version!.Number, null, cancellation)).IsOk);
    }

    public async Task StartAsync(CancellationToken cancellation, params string[] settings) =>
        Running = await RunningServer.StartReadyAsync(
            Store, cancellation, ["--HashMatch:Access:Open=false", .. settings]);

    public string KeyOf(string caller) => _keys[caller].Reveal();

    public CallInvoker As(string caller)
    {
        string key = KeyOf(caller);
        return Running.Channel.Intercept(headers =>
        {
            headers.Add("x-api-key", key);
            return headers;
        });
    }

    public V1.Matching.MatchingClient Matching(string caller) => new(As(caller));

    public V1.HashLists.HashListsClient Lists(string caller) => new(As(caller));

    public V1.Events.EventsClient Events(string caller) => new(As(caller));

    /// <summary>The verdict on one ready-made hash.</summary>
    public async Task<V1.MatchResponse> MatchAsync(string caller, PdqHash hash, CancellationToken cancellation) =>
        (await Matching(caller).MatchHashesAsync(
            new V1.MatchHashesRequest { Queries = { new V1.HashQuery { Pdq = hash.ToString() } } },
            cancellationToken: cancellation)).Results.Single();

    /// <summary>The verdict on one upload.</summary>
    public async Task<V1.MatchResponse> UploadAsync(string caller, byte[] image, CancellationToken cancellation) =>
        await Matching(caller).MatchAsync(
            new V1.MatchRequest { Image = Google.Protobuf.ByteString.CopyFrom(image) },
            cancellationToken: cancellation);

    /// <summary>Ends the server; the store stays.</summary>
    public async Task StopAsync()
    {
        if (Running is not null)
        {
            await Running.DisposeAsync();
            Running = null!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    /// <summary>An entry with labels that say where they are from.</summary>
    public static HashEntry Pdq(PdqHash hash, string id) => new()
    {
        Type = HashType.Pdq,
        Value = HashValue.From(hash),
        ExternalId = id,
        Classification = $"class-of-{id}",
        Severity = $"severity-of-{id}",
        Note = $"note-of-{id}",
    };

    private static async IAsyncEnumerable<ListLine> Lines(HashEntry[] entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            yield return new ListLine(i + 1, entries[i], null);
        }

        await Task.CompletedTask;
    }
}
