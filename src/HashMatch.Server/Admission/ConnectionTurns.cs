using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using HashMatch.Server.Memory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace HashMatch.Server.Admission;

/// <summary>
/// Lets connections take turns. A connection whose peer always has more to read never lets go of the thread that reads
/// it, and puts calls into the pool's queue faster than anybody takes them out: beside a few of those, all others wait
/// for seconds. So what it reads at once is <see cref="FramesAtOnce"/> frames, far fewer of those that serve no call
/// (<see cref="IdleAtOnce"/>); the next ones come behind whatever the pool has to do by then, the calls that these
/// began included. Frames that serve no call are read at a rate, since decodes stand behind the transport; and a
/// connection on which many streams are reset is ended.
/// </summary>
internal sealed class ConnectionTurns(PipeReader inner, Action<bool> end, TimeProvider time) : ReaderAround(inner)
{
    /// <summary>Frames of a turn: those of the most small calls that a connection has in flight by default. Calls that
    /// came together and are read in pieces find the line fuller than it would be.</summary>
    public const int FramesAtOnce = 2048;

    /// <summary>Frames of a turn that serve no call.</summary>
    public const int IdleAtOnce = 4;

    /// <summary>Reads of a turn, of whatever protocol.</summary>
    public const int ReadsAtOnce = 64;

    /// <summary>Frames that serve no call, by <see cref="FrameWalk.Idle"/>, that a connection may have at once: no more
    /// than when as many calls as it may have in flight time out together.</summary>
    public const int MostIdle = 4000;

    /// <summary>And of those, how many a connection may have that is new.</summary>
    public const int MostIdleAtFirst = 16;

    /// <summary>And a second for as long as it lasts; more of them are read later.</summary>
    public const int IdlePerSecond = 2000;

    /// <summary>Streams that a peer may reset in five seconds before its connection is ended by GOAWAY; at twice as
    /// many it is closed.</summary>
    public const int MostResets = 2000;

    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(5);

    private FrameWalk _walk = new();
    private ReadOnlySequence<byte> _read;
    private int _prefaceBytes;
    private bool _isHttp1;
    private bool _isStuck;
    private long _frames;
    private long _turnIdle;
    private int _reads;
    private double _idle = MostIdle - MostIdleAtFirst;
    private long _idleAt = time.GetTimestamp();
    private long _resets;
    private long _resetsSince = time.GetTimestamp();
    private bool _isEnding;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Puts it before whatever reads HTTP, behind TLS.</summary>
    public static void Use(IConnectionBuilder connections, TimeProvider time) => connections.Use(next => connection =>
    {
        void End(bool atOnce)
        {
            if (!atOnce && connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
            {
                lifetime.RequestClose();
            }
            else
            {
                connection.Abort(new ConnectionAbortedException("Too many streams were reset."));
            }
        }

        connection.Transport = new Pipes(
            new ConnectionTurns(connection.Transport.Input, End, time), connection.Transport.Output);
        return next(connection);
    });

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Count(consumed);
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
        return _frames < FramesAtOnce && _turnIdle < IdleAtOnce && ++_reads < ReadsAtOnce
            ? new ValueTask<ReadResult>(Take(result))
            : NextTurnAsync(result);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!Inner.TryRead(out result))
        {
            return false;
        }

        result = Take(result);
        return true;
    }

    // Whoever waits for its bytes is called by the pool's queue: a turn of its own.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        ReadResult result = await reading;
        (_frames, _turnIdle, _reads) = (0, 0, 0);
        if (Pause() is { Ticks: > 0 } pause)
        {
            await Task.Delay(pause, time, CancellationToken.None);
        }

        return Take(result);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> NextTurnAsync(ReadResult result)
    {
        (_frames, _turnIdle, _reads) = (0, 0, 0);
        if (Pause() is { Ticks: > 0 } pause)
        {
            await Task.Delay(pause, time, CancellationToken.None);
        }
        else
        {
            await default(EndOfQueue);
        }

        return Take(result);
    }

    private TimeSpan Pause()
    {
        if (_idle <= MostIdle)
        {
            return TimeSpan.Zero;
        }

        long now = time.GetTimestamp();
        _idle = Math.Max(0, _idle - (time.GetElapsedTime(_idleAt, now).TotalSeconds * IdlePerSecond));
        _idleAt = now;
        // Whole milliseconds are what a timer has.
        return TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, _idle - MostIdle) * 1000 / IdlePerSecond));
    }

    // Cut behind the frames of this turn; who takes nothing of that needs more.
    private ReadResult Take(ReadResult result)
    {
        _read = result.Buffer;
        if (_isStuck || _read.FirstSpan.Length == 0)
        {
            return result;
        }

        FrameWalk ahead = _walk;
        int length = _prefaceBytes < Preface.Length
            ? LengthOfPreface(_read.FirstSpan)
            : ahead.Go(_read.FirstSpan, Math.Max(FramesAtOnce - _frames, 0) + 1, Math.Max(IdleAtOnce - _turnIdle, 1));
        if (length == 0 || length == _read.Length)
        {
            return result;
        }

        _read = _read.Slice(0, length);
        return new ReadResult(_read, result.IsCanceled, isCompleted: false);
    }

    // What is left of it, by which the frames that came with it are left for the next read; 0 where that is not there.
    private int LengthOfPreface(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> left = Preface[_prefaceBytes..];
        return !_isHttp1 && bytes.StartsWith(left) ? left.Length : 0;
    }

    private void Count(SequencePosition consumed)
    {
        ReadOnlySequence<byte> taken = _read.Slice(_read.Start, consumed);
        _isStuck = taken.IsEmpty;
        _read = default;
        if (_isHttp1)
        {
            return;
        }

        FrameWalk before = _walk;
        foreach (ReadOnlyMemory<byte> part in taken)
        {
            ReadOnlySpan<byte> bytes = part.Span;
            while (_prefaceBytes < Preface.Length && bytes.Length > 0 && !_isHttp1)
            {
                _isHttp1 = bytes[0] != Preface[_prefaceBytes++];
                bytes = bytes[1..];
            }

            if (_isHttp1)
            {
                _prefaceBytes = 0;
                return;
            }

            _ = _walk.Go(bytes, bytes.Length);
        }

        _frames += _walk.Frames - before.Frames;
        _turnIdle = Math.Max(0, _turnIdle + _walk.Idle - before.Idle);
        _idle = Math.Max(0, _idle + _walk.Idle - before.Idle);
        if (_walk.Resets > before.Resets)
        {
            CountResets(_walk.Resets - before.Resets);
        }
    }

    private void CountResets(long more)
    {
        if (time.GetElapsedTime(_resetsSince) > Counted)
        {
            (_resetsSince, _resets) = (time.GetTimestamp(), 0);
        }

        _resets += more;
        if (_resets >= 2 * MostResets)
        {
            end(true);
        }
        else if (_resets >= MostResets && !_isEnding)
        {
            _isEnding = true;
            end(false);
        }
    }

    // Task.Yield goes on by the thread's own queue, which is the next that the thread looks at.
    private readonly struct EndOfQueue : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public EndOfQueue GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) =>
            ThreadPool.QueueUserWorkItem(static next => next(), continuation, preferLocal: false);

        public void UnsafeOnCompleted(Action continuation) =>
            ThreadPool.UnsafeQueueUserWorkItem(static next => next(), continuation, preferLocal: false);
    }
}
