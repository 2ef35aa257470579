using System.Text;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>What every store must do, over whichever store a subclass opens. See the other parts too.</summary>
public abstract partial class ListStoreContract : IAsyncLifetime
{
    private readonly List<IListStore> _opened = [];

    /// <summary>The store under test, empty at first.</summary>
    protected IListStore Store { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Empties the place that <see cref="OpenStoreAsync"/> opens.</summary>
    protected abstract Task ResetAsync();

    /// <summary>Opens the same place again, as another process would.</summary>
    protected abstract Task<IListStore> OpenStoreAsync(long maxEvents);

    public async ValueTask InitializeAsync()
    {
        await ResetAsync();
        Store = await OpenAnotherAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IListStore store in _opened)
            await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<IListStore> OpenAnotherAsync(long maxEvents = 1_000_000)
    {
        IListStore store = await OpenStoreAsync(maxEvents);
        _opened.Add(store);
        return store;
    }

    private static StoredList List(string name, long revision, string document = "{}") =>
        new(name, revision, Encoding.UTF8.GetBytes(document));

    private static ListChange Change(string name, long revision, string what = "updated") =>
        new(name, revision, what, new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(revision));

    private static string Text(StoredList? list) => Encoding.UTF8.GetString(list!.Document.Span);

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static Task<bool> WriteAsync(IListStore store, string name, long expected, string document = "{}") =>
        store.TryWriteListAsync(
            List(name, expected + 1, document), expected, Change(name, expected + 1), Cancellation);
}
