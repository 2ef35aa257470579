using Grpc.Core;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Admission;

/// <summary>
/// Bounds the work in hand: so many uploads and bytes of them, so many decodes at a time, and so much time in line
/// before them. What is over is refused at once.
/// </summary>
public sealed class UploadAdmission : IDisposable
{
    private readonly UploadPlaces _places;
    private readonly DecodeLine _line;
    private readonly AdmissionMetrics? _metrics;

    // Slices of batches may have every decode while no upload wants one.
    private readonly SemaphoreSlim _slices;

    // Streams are held back by flow control and not refused, so all of them together have a few uploads in line.
    private readonly SemaphoreSlim _streamed;

    public UploadAdmission(ServerOptions options, TimeProvider time, AdmissionMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _metrics = metrics;
        _places = new UploadPlaces(options, time, metrics);
        _line = new DecodeLine(options, Costs, time, metrics);
        _slices = new SemaphoreSlim(options.MaxConcurrentDecodes);
        _streamed = new SemaphoreSlim(options.MaxConcurrentDecodes + ((options.MaxConcurrentDecodes + 1) / 2));
        metrics?.Watch(_places, _line);
    }

    /// <summary>What uploads take.</summary>
    public DecodeCosts Costs { get; } = new();

    /// <summary>Uploads in hand: being received, waiting, or decoded.</summary>
    public int InHand => _places.Count;

    /// <summary>Of them, and of slices, those that wait for a decode.</summary>
    internal int Waiting => _line.Waiting;

    /// <summary>Bytes held for them.</summary>
    public long BytesInHand => _places.Bytes;

    /// <summary>Most bytes that are held.</summary>
    public long MaxBytes => _places.MaxBytes;

    /// <summary>
    /// Whether a slice must end at once, however short it was: an upload waits for a decode, and another slice goes on.
    /// So an upload never waits behind more than one whole slice, and batches never stand still.
    /// </summary>
    public bool IsSliceInTheWay => _line.IsSliceInTheWay;

    /// <summary>Takes a place for one call before its message is read, until it is disposed.</summary>
    /// <param name="caller">Whose.</param>
    /// <param name="order">The work that it will come to, as far as is known; null when it waits for its turn.</param>
    /// <param name="refusal">QUEUE_FULL or DEADLINE_TOO_SHORT when it is not let in.</param>
    public AdmissionPlace? TryEnter(string caller, WorkOrder? order, out RpcException? refusal)
    {
        Promise? promise = null;
        refusal = order is null ? null : _line.Refusal(order, out promise);
        if (refusal is not null)
        {
            return null;
        }

        if (_places.TryEnter(caller) is not { } place)
        {
            _line.Drop(promise);
            refusal = NoRoom();
            return null;
        }

        place.Promise = promise;
        place.Left += _line.Drop;
        return place;
    }

    /// <summary>Takes a place for one item of a stream until it is disposed.</summary>
    /// <exception cref="RpcException">QUEUE_FULL.</exception>
    public AdmissionPlace Enter(string caller) => _places.TryEnter(caller) ?? throw NoRoom();

    /// <summary>An account of a stream's bytes; it takes no place.</summary>
    public AdmissionPlace EnterStream(string caller) => _places.EnterStream(caller);

    /// <summary>Why work would not be let in; null when it would.</summary>
    public RpcException? RefusalOf(WorkOrder order) => _line.Refusal(order, out _);

    /// <summary>The refusal of what there are no places or bytes for.</summary>
    public RpcException NoRoom()
    {
        _metrics?.Shed(ErrorReasons.QueueFull);
        return RpcErrors.QueueFull();
    }

    /// <summary>Does the work of one upload, on a thread of its own, once a decode is free.</summary>
    /// <param name="order">What it is, and until when it is wanted.</param>
    /// <param name="work">Heavy and synchronous.</param>
    /// <param name="cancellation">Ends the wait. Work that began is waited for: it reads the upload's memory.</param>
    /// <exception cref="RpcException">QUEUE_FULL, DEADLINE_TOO_SHORT: it was not begun.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, before the work or in it.</exception>
    public async Task<T> RunAsync<T>(WorkOrder order, Func<T> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!order.Waits)
        {
            return await _line.RunAsync(order, work, cancellation);
        }

        await _streamed.WaitAsync(cancellation);
        try
        {
            return await _line.RunAsync(order, work, cancellation);
        }
        finally
        {
            _streamed.Release();
        }
    }

    /// <summary>
    /// Does a slice of a batch's work; slices of all batches take turns, and leave room for uploads.
    /// </summary>
    /// <param name="estimate">What it takes at most.</param>
    /// <param name="work">Short; asks <see cref="IsSliceInTheWay"/> again and again.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled, before the work or in it.</exception>
    public async Task<T> RunSliceAsync<T>(TimeSpan estimate, Func<T> work, CancellationToken cancellation)
    {
        await _slices.WaitAsync(cancellation);
        try
        {
            return await _line.RunAsync(
                new WorkOrder("", estimate) { Waits = true, IsSlice = true }, work, cancellation);
        }
        finally
        {
            _slices.Release();
        }
    }

    public void Dispose()
    {
        _line.Dispose();
        _places.Dispose();
        LetThrough(_slices);
        LetThrough(_streamed);
    }

    // Who waits, and who comes still, is told by the line that it is over. A semaphore that is gone would tell them of
    // a fault; it holds nothing that must be freed.
    private static void LetThrough(SemaphoreSlim turns)
    {
        const int All = int.MaxValue / 2;
        if (turns.CurrentCount < All)
        {
            turns.Release(All);
        }
    }
}
