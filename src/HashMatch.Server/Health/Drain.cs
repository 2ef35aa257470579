using HashMatch.Server.Configuration;

namespace HashMatch.Server.Health;

/// <summary>
/// The order of a shutdown: readiness is off and health says NOT_SERVING; for <see cref="ServerOptions.DrainDelay"/>
/// everything is served on; then streams are asked to end, connections get GOAWAY and calls in flight are answered.
/// </summary>
public sealed class Drain : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Drain> _logger;
    private int _isDraining;

    public Drain(IHostApplicationLifetime lifetime, ServerOptions options, TimeProvider time, ILogger<Drain> logger)
    {
        ArgumentNullException.ThrowIfNull(lifetime);
        _options = options;
        _time = time;
        _logger = logger;
        // A signal comes here first; the host begins to stop its parts after it.
        _registration = lifetime.ApplicationStopping.Register(Begin);
    }

    /// <summary>Whether the server is about to stop, so that no more calls should be sent to it.</summary>
    public bool IsDraining => Volatile.Read(ref _isDraining) != 0;

    /// <summary>Cancelled when the delay is over: what has no end of its own must end.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Waits the delay out, before anything is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        await Task.Delay(_options.DrainDelay, _time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ended.CancelAsync();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registration.Dispose();
        _ended.Dispose();
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _isDraining, 1) == 0)
        {
            _logger.LogInformation(
                "Not ready any more: stopping in {Delay}, then up to {Timeout} for calls in flight",
                _options.DrainDelay,
                _options.DrainTimeout);
        }
    }
}
