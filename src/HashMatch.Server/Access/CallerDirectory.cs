using System.Collections.Frozen;
using System.Security.Claims;
using System.Security.Cryptography;
using HashMatch.Matching.Access;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Access;

/// <summary>
/// The callers with API keys, of the settings and of the store. Kept in memory and read anew every two seconds: while
/// the store is down, those that are known go on.
/// </summary>
public sealed class CallerDirectory(
    IListStore store, ServerOptions options, TimeProvider time, ILogger<CallerDirectory> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    // A start waits so long for the store; without it, keys are refused as UNAVAILABLE until it answers.
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(1);

    // A key that is not known may have been added just now: so soon the store is read again for it, and no sooner,
    // whatever is tried.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    // Compared with where there is no such key, so that a refusal takes as long as one of a wrong secret.
    private static readonly byte[] NoHash = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    private readonly CallerCatalog _catalog = new(store, time);
    private readonly HashSet<string> _unreadable = [];
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _lock = new();
    private Task _refresh = Task.CompletedTask;
    private long? _refreshedAt;
    private FrozenDictionary<string, KnownKey> _keys = Index(KeysOf(options.Access));
    private bool _isRead;
    private bool _isDown;

    /// <summary>Whether the store's callers are known.</summary>
    public bool IsRead => Volatile.Read(ref _isRead);

    /// <summary>Whether there is any caller with a key.</summary>
    public bool HasCallers => Volatile.Read(ref _keys).Count > 0;

    /// <summary>Whom a key stands for; null when it is refused. Takes as long whether there is such a key or
    /// not.</summary>
    public ClaimsPrincipal? Find(ApiKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KnownKey? known = Volatile.Read(ref _keys).GetValueOrDefault(key.Id);
        bool isRight = CryptographicOperations.FixedTimeEquals(
            Convert.FromHexString(key.Hash), known?.Hash ?? NoHash);
        return isRight && known is not null && IsCurrent(known.Caller) ? known.Principal : null;
    }

    /// <summary>Whom a key stands for, after another look into the store; null when it is refused. Waits half a second
    /// at most, for a wrong secret as for an unknown key.</summary>
    public async Task<ClaimsPrincipal?> FindAgainAsync(ApiKey key)
    {
        Task refresh;
        lock (_lock)
        {
            if (_refresh.IsCompleted && (_refreshedAt is not { } last || time.GetElapsedTime(last) >= Pause))
            {
                _refreshedAt = time.GetTimestamp();
                _refresh = ReadAsync(CancellationToken.None);
            }

            refresh = _refresh;
        }

        try
        {
            await refresh.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            // As the callers are known.
        }

        return Find(key);
    }

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    /// <summary>Whether a caller that was let in still is: its key was not removed, disabled or replaced, and did not
    /// expire. For calls that last.</summary>
    public bool StillKnows(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return IsCurrent(caller)
            && (caller.KeyId is not { } id
                || Volatile.Read(ref _keys).GetValueOrDefault(id)?.Caller.Name == caller.Name);
    }

    /// <summary>Reads the store's callers once, if it answers soon, so that the first calls find them.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(FirstPatience);
        try
        {
            await ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Tried again below.
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Reads the store's callers.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        // One after another: an older reading must not take the place of a newer one.
        await _reading.WaitAsync(cancellation);
        try
        {
            IReadOnlyList<StoredCaller> stored = await _catalog.ReadAllAsync(WarnOf, cancellation);
            Volatile.Write(ref _keys, Index([.. KeysOf(options.Access), .. stored.SelectMany(KeysOf)]));
            Volatile.Write(ref _isRead, true);
            if (_isDown)
            {
                logger.LogInformation("The callers are followed again");
            }

            _isDown = false;
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
        {
            if (!_isDown)
            {
                logger.LogWarning(
                    "The store's callers cannot be read now; those that are known go on: {Reason}", e.Message);
            }

            _isDown = true;
        }
        finally
        {
            _reading.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    // Two keys of one id cannot come of chance; the settings' is taken then.
    private static FrozenDictionary<string, KnownKey> Index(IEnumerable<KnownKey> keys) =>
        keys.DistinctBy(key => key.Caller.KeyId).ToFrozenDictionary(key => key.Caller.KeyId!);

    private static IEnumerable<KnownKey> KeysOf(AccessOptions access) => access.Callers.Select(pair => Known(
        pair.Value.KeyHash,
        new Caller
        {
            Name = pair.Key,
            Kind = CredentialKind.ApiKey,
            Roles = RoleWords.Read(pair.Value.Roles),
            Details = pair.Value.Details,
            Rate = pair.Value.Rate,
            ExpiresAt = pair.Value.ExpiresAt,
            KeyId = pair.Value.KeyId,
        }));

    private static IEnumerable<KnownKey> KeysOf(StoredCaller stored) => stored.Definition.Disabled
        ? []
        : stored.Definition.Keys.Select(key => Known(
            key.Hash,
            new Caller
            {
                Name = stored.Name,
                Kind = CredentialKind.ApiKey,
                Roles = RoleWords.Read(stored.Definition.Roles),
                Details = stored.Definition.Details,
                Rate = stored.Definition.Rate,
                ExpiresAt = Earlier(stored.Definition.ExpiresAt, key.ExpiresAt),
                KeyId = key.Id,
            }));

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one < other ? one : other ?? one;

    private static KnownKey Known(string hash, Caller caller) =>
        new(caller, Convert.FromHexString(hash), CallerIdentity.PrincipalOf(caller));

    private bool IsCurrent(Caller caller) => !(caller.ExpiresAt <= time.GetUtcNow());

    private void WarnOf(string name)
    {
        if (_unreadable.Add(name))
        {
            logger.LogWarning("The document of a caller cannot be read; it is refused. See hashmatch callers ls");
        }
    }

    private sealed record KnownKey(Caller Caller, byte[] Hash, ClaimsPrincipal Principal);
}
