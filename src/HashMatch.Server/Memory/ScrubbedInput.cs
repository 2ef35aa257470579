using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace HashMatch.Server.Memory;

/// <summary>
/// What a connection receives, zeroed as it is consumed. A page goes back to the pool only when nobody writes on in it,
/// and a connection may wait for its next bytes behind those of the last upload for as long as it is open.
/// </summary>
internal sealed class ScrubbedInput(PipeReader inner) : ReaderAround(inner)
{
    private ReadOnlySequence<byte> _read;

    /// <summary>Puts it between the socket and whatever reads the connection.</summary>
    /// <param name="connections">Where.</param>
    /// <param name="streams">What lies behind it is kept there, and no more in the socket's buffers.</param>
    public static void Use(IConnectionBuilder connections, MemoryPool<byte> streams)
    {
        var pool = new Pool(streams);
        connections.Use(next => connection =>
        {
            connection.Features.Set<IMemoryPoolFeature>(pool);
            connection.Transport = new Pipes(
                new ScrubbedInput(connection.Transport.Input), connection.Transport.Output);
            return next(connection);
        });
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Zero(consumed);
        Inner.AdvanceTo(consumed, examined);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> reading = Inner.ReadAsync(cancellationToken);
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
        bool isRead = Inner.TryRead(out result);
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

    private sealed record Pool(MemoryPool<byte> MemoryPool) : IMemoryPoolFeature;
}
