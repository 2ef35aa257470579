namespace HashMatch.Exchanges.Syncing;

/// <summary>
/// An exchange while it is worked on. Every change is by compare-and-set, and fails when another process has taken the
/// exchange over: a holder that lost its lease can do nothing.
/// </summary>
internal sealed class HeldExchange
{
    private readonly ExchangeCatalog _catalog;
    private readonly string _holder;
    private StoredExchange _stored;

    private HeldExchange(ExchangeCatalog catalog, string holder, StoredExchange stored)
    {
        _catalog = catalog;
        _holder = holder;
        _stored = stored;
    }

    public string Name => _stored.Name;

    public ExchangeState State => _stored.State;

    /// <summary>Takes an exchange over.</summary>
    /// <param name="catalog">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="holder">The lease's holder.</param>
    /// <param name="dueAt">Null: whether it is due or not.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<HeldExchange> TakeAsync(
        ExchangeCatalog catalog, string name, string holder, DateTimeOffset? dueAt, CancellationToken cancellation)
    {
        while (true)
        {
            StoredExchange stored = await catalog.ReadAsync(name, cancellation).ConfigureAwait(false)
                ?? throw new ExchangeException(ExchangeProblem.Busy, $"There is no exchange '{name}'.");
            if (dueAt is { } now && (!stored.State.Definition.Enabled || !stored.State.IsDue(now)))
            {
                throw new ExchangeException(ExchangeProblem.Busy, $"Exchange '{name}' is not due.");
            }

            StoredExchange taken = stored with
            {
                State = stored.State with { Owner = holder },
                Revision = stored.Revision + 1,
            };
            if (await catalog.TryWriteAsync(taken, stored.Revision, cancellation).ConfigureAwait(false))
            {
                return new HeldExchange(catalog, holder, taken);
            }
        }
    }

    /// <summary>Changes the state; what an operator changed meanwhile stays changed.</summary>
    /// <exception cref="ExchangeException">Another process has taken it over, or it is gone.</exception>
    public async Task SaveAsync(Func<ExchangeState, ExchangeState> change, CancellationToken cancellation)
    {
        while (true)
        {
            StoredExchange changed = _stored with
            {
                State = change(_stored.State),
                Revision = _stored.Revision + 1,
            };
            if (await _catalog.TryWriteAsync(changed, _stored.Revision, cancellation).ConfigureAwait(false))
            {
                _stored = changed;
                return;
            }

            await CheckAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the state anew.</summary>
    /// <exception cref="ExchangeException">Another process has taken it over, or it is gone.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        StoredExchange? now = await _catalog.ReadAsync(Name, cancellation).ConfigureAwait(false);
        _stored = now?.State.Owner == _holder
            ? now
            : throw new ExchangeException(
                ExchangeProblem.Busy, $"Exchange '{Name}' was taken over by another process, or is gone.");
    }
}
