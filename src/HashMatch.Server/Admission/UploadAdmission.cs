using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Admission;

/// <summary>
/// Bounds the work in hand: so many uploads are decoded at a time, so many more may wait, the rest is refused at once.
/// </summary>
public sealed class UploadAdmission(ServerOptions options) : IDisposable
{
    private readonly int _maxPlaces = options.MaxConcurrentDecodes + options.MaxQueuedUploads;
    private readonly SemaphoreSlim _decodes = new(options.MaxConcurrentDecodes);

    // Slices of batches may have every decode while no upload wants one.
    private readonly SemaphoreSlim _slices = new(options.MaxConcurrentDecodes);
    private int _places;
    private int _waitingUploads;
    private int _runningSlices;

    /// <summary>Uploads in hand: being received, waiting, or decoded.</summary>
    public int InHand => Volatile.Read(ref _places);

    /// <summary>Uploads that may be in hand.</summary>
    public int Places => _maxPlaces;

    /// <summary>Uploads that wait for a decode.</summary>
    public int Waiting => Volatile.Read(ref _waitingUploads);

    /// <summary>
    /// Whether a slice must end at once, however short it was: an upload waits for a decode, and another slice goes on.
    /// So an upload never waits behind more than one whole slice, and batches never stand still.
    /// </summary>
    public bool IsSliceInTheWay =>
        Volatile.Read(ref _waitingUploads) > 0 && Volatile.Read(ref _runningSlices) > 1;

    /// <summary>Takes a place for one upload until it is disposed.</summary>
    /// <exception cref="Grpc.Core.RpcException">QUEUE_FULL.</exception>
    public AdmissionPlace Enter()
    {
        if (Interlocked.Increment(ref _places) > _maxPlaces)
        {
            Leave();
            throw RpcErrors.QueueFull();
        }

        return new AdmissionPlace(this);
    }

    /// <summary>Does the work of one upload on a thread of the pool once a decode is free.</summary>
    /// <param name="work">Heavy and synchronous.</param>
    /// <param name="cancellation">Ends the wait. Work that began is waited for: it reads the upload's memory.</param>
    /// <exception cref="OperationCanceledException">Cancelled, before the work or in it.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        if (!_decodes.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            Interlocked.Increment(ref _waitingUploads);
            try
            {
                await _decodes.WaitAsync(cancellation);
            }
            finally
            {
                Interlocked.Decrement(ref _waitingUploads);
            }
        }

        return await RunAdmittedAsync(work, cancellation);
    }

    /// <summary>
    /// Does a slice of a batch's work; slices of all batches take turns, and leave room for uploads.
    /// </summary>
    /// <param name="work">Short; asks <see cref="IsSliceInTheWay"/> again and again.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled, before the work or in it.</exception>
    public async Task<T> RunSliceAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _slices.WaitAsync(cancellation);
        try
        {
            await _decodes.WaitAsync(cancellation);
            Interlocked.Increment(ref _runningSlices);
            try
            {
                return await RunAdmittedAsync(work, cancellation);
            }
            finally
            {
                Interlocked.Decrement(ref _runningSlices);
            }
        }
        finally
        {
            _slices.Release();
        }
    }

    public void Dispose()
    {
        _decodes.Dispose();
        _slices.Dispose();
    }

    internal void Leave() => Interlocked.Decrement(ref _places);

    private async Task<T> RunAdmittedAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(work, cancellation);
        }
        finally
        {
            _decodes.Release();
        }
    }
}
