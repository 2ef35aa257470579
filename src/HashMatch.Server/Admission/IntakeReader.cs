using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;
using HashMatch.Server.Memory;

namespace HashMatch.Server.Admission;

/// <summary>
/// A call's body on its way to the transport's reader: each message's bytes are held for the call before the message is
/// read, as its prefix tells their number, and what comes in is counted, so that a slow sender is seen.
/// </summary>
/// <param name="inner">The body.</param>
/// <param name="place">For whom bytes are held.</param>
/// <param name="kind">What the body is.</param>
/// <param name="maxMessageBytes">What the transport refuses by itself is not held.</param>
/// <param name="maxHeldBytes">Most that can be held for all calls.</param>
/// <param name="noRoom">The refusal when bytes cannot be held.</param>
internal sealed class IntakeReader(
    PipeReader inner,
    AdmissionPlace place,
    IntakeKind kind,
    int maxMessageBytes,
    long maxHeldBytes,
    Func<RpcException> noRoom) : ReaderAround(inner)
{
    private const int PrefixBytes = 5;

    /// <summary>What compression makes of a byte at most.</summary>
    private const int MostInflated = 1032;

    private readonly Queue<long> _held = [];
    private ReadOnlySequence<byte> _buffer;
    private long _next;
    private long _carried;
    private long _total;
    private bool _isReceiving;

    /// <summary>Waits for the first message's prefix, and holds its bytes; reads nothing of it.</summary>
    /// <exception cref="RpcException">No room; or the sender is not waited for any longer.</exception>
    public async Task PeekAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult result = await ReadAsync(cancellation);
            bool isThere = result.Buffer.Length >= PrefixBytes || result.IsCompleted || result.IsCanceled;
            AdvanceTo(result.Buffer.Start, isThere ? result.Buffer.Start : result.Buffer.End);
            if (isThere)
            {
                return;
            }
        }
    }

    /// <summary>The bytes that are held for the oldest message that was not asked for yet.</summary>
    public long NextHeld()
    {
        lock (_held)
        {
            return _held.TryDequeue(out long bytes) ? bytes : 0;
        }
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        // A stream that says nothing holds nothing, and may be silent for as long as it likes.
        if (!_isReceiving && (kind != IntakeKind.Stream || _next > _carried))
        {
            _isReceiving = true;
            place.StartReceiving(Wake);
        }

        ReadResult result = await Inner.ReadAsync(cancellationToken);
        _buffer = result.Buffer;
        try
        {
            await CountAsync(cancellationToken);
        }
        catch
        {
            AdvanceTo(_buffer.Start);
            throw;
        }

        if (result.IsCompleted || (kind != IntakeKind.Upload && _next > 0 && _buffer.Length >= _next))
        {
            place.EndReceiving();
            _isReceiving = false;
        }

        return result;
    }

    // Holding may have to wait, so there is no reading without it.
    public override bool TryRead(out ReadResult result)
    {
        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        long taken = _buffer.Slice(_buffer.Start, consumed).Length;
        _carried -= taken;
        _next -= taken;
        _buffer = default;
        Inner.AdvanceTo(consumed, examined);
    }

    // On a thread that serves others. The body of a call that its caller broke off takes no more orders: whoever reads
    // it is told so.
    private void Wake()
    {
        try
        {
            Inner.CancelPendingRead();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // There is no read to end.
        }
    }

    private async ValueTask CountAsync(CancellationToken cancellation)
    {
        ThrowIfEnded();
        long came = Math.Max(0, _buffer.Length - _carried);
        place.Take(came);
        _total += came;
        _carried = _buffer.Length;
        if (kind == IntakeKind.Json)
        {
            HoldJson();
        }
        else
        {
            await HoldMessagesAsync(cancellation);
        }
    }

    private void ThrowIfEnded()
    {
        if (place.EndedBy is { } reason)
        {
            throw reason;
        }
    }

    // A JSON text is held as its text, its characters and its bytes in turn: twice its length is about the most.
    private void HoldJson()
    {
        long missing = Math.Min(_total * 2, maxHeldBytes) - place.Bytes;
        if (missing > 0 && !place.TryHold(missing))
        {
            throw noRoom();
        }
    }

    private async ValueTask HoldMessagesAsync(CancellationToken cancellation)
    {
        while (_buffer.Length >= _next + PrefixBytes)
        {
            (long length, bool isCompressed) = ReadPrefix(_buffer.Slice(_next, PrefixBytes));
            _next += PrefixBytes + length;
            long bytes = length > maxMessageBytes ? 0
                : isCompressed ? Math.Min(length * MostInflated, maxMessageBytes) : length;
            if (kind == IntakeKind.Stream)
            {
                await place.HoldAsync(bytes, cancellation);
            }
            else if (!place.TryHold(bytes))
            {
                throw noRoom();
            }

            lock (_held)
            {
                _held.Enqueue(bytes);
            }
        }
    }

    private static (long Length, bool IsCompressed) ReadPrefix(ReadOnlySequence<byte> prefix)
    {
        Span<byte> bytes = stackalloc byte[PrefixBytes];
        prefix.CopyTo(bytes);
        return (BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]), bytes[0] != 0);
    }
}
