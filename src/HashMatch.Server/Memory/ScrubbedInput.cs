using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace HashMatch.Server.Memory;

/// <summary>
/// What a connection receives, zeroed as it is consumed. A page goes back to the pool only when nobody writes on in it,
/// and a connection may wait for its next bytes behind those of the last upload for as long as it is open.
/// </summary>
internal sealed class ScrubbedInput(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _read;

    /// <summary>Puts it between the socket and whatever reads the connection.</summary>
    public static void Use(IConnectionBuilder connections) => connections.Use(next => connection =>
    {
        connection.Transport = new Pipes(new ScrubbedInput(connection.Transport.Input), connection.Transport.Output);
        return next(connection);
    });

    public override void AdvanceTo(SequencePosition consumed)
    {
        Zero(consumed);
        inner.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Zero(consumed);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
        if (!reading.IsCompletedSuccessfully)
        {
            return WaitAsync(reading);
        }

        ReadResult result = reading.Result;
        _read = result.Buffer;
        return new ValueTask<ReadResult>(result);
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isRead = inner.TryRead(out result);
        _read = isRead ? result.Buffer : _read;
        return isRead;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        ReadResult result = await reading;
        _read = result.Buffer;
        return result;
    }

    private void Zero(SequencePosition consumed)
    {
        foreach (ReadOnlyMemory<byte> part in _read.Slice(_read.Start, consumed))
        {
            MemoryMarshal.AsMemory(part).Span.Clear();
        }

        _read = default;
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
