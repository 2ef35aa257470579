using Grpc.Core;

namespace HashMatch.Server.Admission;

/// <summary>
/// One call's place, and the bytes that are held in memory for it; all of it is given back when it is disposed.
/// </summary>
public sealed class AdmissionPlace : IDisposable
{
    private readonly UploadPlaces _places;
    private readonly Lock _waking = new();
    private RpcException? _endedBy;
    private Action? _wake;

    /// <param name="places">Where it is taken.</param>
    /// <param name="caller">Who has it.</param>
    /// <param name="isCounted">False for a stream, whose items have places of their own.</param>
    internal AdmissionPlace(UploadPlaces places, string caller, bool isCounted)
    {
        _places = places;
        Caller = caller;
        IsCounted = isCounted;
    }

    /// <summary>Who has it.</summary>
    public string Caller { get; }

    /// <summary>Bytes held.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Why its sender is waited for no longer; null while it is.</summary>
    public RpcException? EndedBy => Volatile.Read(ref _endedBy);

    internal bool IsCounted { get; }

    /// <summary>Room in the line for its upload.</summary>
    internal Promise? Promise { get; set; }

    /// <summary>Called when the place is given back; takes the promise.</summary>
    internal Action<Promise?>? Left { get; set; }

    internal bool IsGivenBack { get; set; }

    /// <summary>Its place among those being received; null when it is not.</summary>
    internal LinkedListNode<AdmissionPlace>? Receiving { get; set; }

    /// <summary>When the message in hand began to come in.</summary>
    internal TimeSpan Began { get; set; }

    /// <summary>Bytes of it that came in.</summary>
    internal long Received { get; set; }

    /// <summary>Holds so many more bytes.</summary>
    /// <returns>False, and nothing held, when there is no room.</returns>
    public bool TryHold(long bytes) => _places.TryHold(this, bytes);

    /// <summary>Holds so many more bytes once there is room.</summary>
    public Task HoldAsync(long bytes, CancellationToken cancellation) =>
        _places.HoldAsync(this, bytes, cancellation);

    /// <summary>Gives some bytes back before the rest.</summary>
    public void Release(long bytes) => _places.Release(this, bytes);

    /// <summary>Its sender is waited for, from now on.</summary>
    /// <param name="wake">Called, once and on any thread, when <see cref="EndedBy"/> is set.</param>
    public void StartReceiving(Action wake)
    {
        lock (_waking)
        {
            _wake = wake;
        }

        _places.StartReceiving(this);
    }

    /// <summary>Bytes came in.</summary>
    public void Take(long bytes) => _places.Take(this, bytes);

    /// <summary>All is there.</summary>
    public void EndReceiving() => _places.EndReceiving(this);

    /// <summary>Gives everything back, once.</summary>
    public void Dispose()
    {
        // What it wakes is another call's soon: the transport's streams are used again.
        lock (_waking)
        {
            _wake = null;
        }

        _places.GiveBack(this);
        Left?.Invoke(Promise);
    }

    // Called outside of the places' lock: waking may run what waits.
    internal void End(RpcException reason)
    {
        if (Interlocked.CompareExchange(ref _endedBy, reason, null) is null)
        {
            lock (_waking)
            {
                _wake?.Invoke();
            }
        }
    }
}
