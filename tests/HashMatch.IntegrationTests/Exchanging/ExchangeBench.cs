using System.Security.Cryptography;
using System.Text;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Syncing;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>A player, a store, and an exchange between them.</summary>
internal sealed class ExchangeBench(IListStore store, ExchangePlayer player)
{
    public const string Name = "x";

    public static readonly ExchangeLimits Limits = new() { Attempts = 4, BaseDelay = TimeSpan.Zero };

    public static readonly ExchangeCredentials Credentials = new()
    {
        Username = "user",
        Password = ExchangePlayer.Secret,
        SubscriptionKey = ExchangePlayer.Secret,
        FunctionKey = ExchangePlayer.Secret,
        FeedbackFunctionKey = ExchangePlayer.Secret,
        AccessToken = ExchangePlayer.Secret,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ExchangeCatalog Catalog { get; } = new(store);

    public ListCatalog Lists { get; } = new(store, TimeProvider.System);

    public static string Md5(int number) => Convert.ToHexStringLower(
#pragma warning disable CA5351 // A digest to be matched and no protection.
        MD5.HashData(Encoding.ASCII.GetBytes($"made up {number}")));
#pragma warning restore CA5351

    public static ExchangeDefinition Definition(ExchangeKind kind, string address) => new()
    {
        Kind = kind,
        List = "l",
        BaseUrl = address,
        Group = kind == ExchangeKind.ThreatExchange ? "123" : null,
    };

    public async Task AddAsync(ExchangeKind kind) =>
        Assert.Null(await Catalog.AddAsync(Name, Definition(kind, player.Address), Token));

    public ExchangeSync Sync(TimeProvider? time = null) => new(store, Lists, time ?? TimeProvider.System, Limits);

    public Task<ExchangeReport> SyncAsync(bool full = false, TimeProvider? time = null, bool force = false) =>
        Sync(time).SyncAsync(
            Name,
            Credentials,
            new SyncOptions { Full = full, Force = force, Wait = TimeSpan.FromSeconds(30) },
            null,
            Token);

    public async Task<ExchangeState> StateAsync() => (await Catalog.ReadAsync(Name, Token))!.State;

    /// <summary>The digests of the list's active version, in order.</summary>
    public async Task<string[]> ValuesAsync()
    {
        List<string> values = [];
        await foreach (HashEntry entry in Lists.ReadActiveAsync("l", Token))
        {
            Assert.Equal(HashType.Md5, entry.Type);
            values.Add(entry.Value.ToHex(HashType.Md5));
        }

        return [.. values.Order(StringComparer.Ordinal)];
    }
}
