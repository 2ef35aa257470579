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

    // One slice of a batch is on its way at a time: an upload never waits behind more than that.
    private readonly SemaphoreSlim _slices = new(1);
    private int _places;

    /// <summary>Uploads in hand: being received, waiting, or decoded.</summary>
    public int InHand => Volatile.Read(ref _places);

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
        await _decodes.WaitAsync(cancellation);
        try
        {
            return await Task.Run(work, cancellation);
        }
        finally
        {
            _decodes.Release();
        }
    }

    /// <summary>Does a slice of a batch's work; slices of all batches take turns, and leave room for uploads.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task<T> RunSliceAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _slices.WaitAsync(cancellation);
        try
        {
            return await RunAsync(work, cancellation);
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
}
