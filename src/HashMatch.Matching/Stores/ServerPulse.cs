using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>
/// Whether one server answers. What it is asked is a write that changes nothing (SET of a key that is not there, only
/// if it is): it is held up and refused as writes are, and goes into no file and to no replica.
/// </summary>
/// <param name="silence">So long without an answer is silence.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerPulse(TimeSpan silence, TimeProvider time)
{
    /// <summary>A server that is slow to answer, or this machine, is given up to four times its slowest answer of a
    /// minute, and this at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    // Longer than another server takes to be made the master.
    private static readonly TimeSpan KeptSilent = TimeSpan.FromSeconds(15);

    private const int Times = 4;

    // While this process is being compiled its own slowness says nothing about the server.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private static readonly object[] Question = ["hm:{pulse}", "", "XX"];

    private readonly Lock _lock = new();
    private TaskCompletionSource _silence = Create();
    private StoreState _state;
    private TimeSpan _slowest;
    private TimeSpan _slowestBefore;
    private readonly long _startedAt = time.GetTimestamp();
    private long _windowAt = time.GetTimestamp();
    private int _isAsking;

    /// <summary>Completes when the server is silent, and is done as long as it is.</summary>
    public Task Silence
    {
        get
        {
            lock (_lock)
                return _silence.Task;
        }
    }

    public StoreState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>Asks, unless an answer is awaited already.</summary>
    public void Ask(IServer server)
    {
        if (Interlocked.Exchange(ref _isAsking, 1) == 0)
            _ = AskAsync(server);
    }

    private async Task AskAsync(IServer server)
    {
        try
        {
            long asked = time.GetTimestamp();
            Task answer = server.ExecuteAsync("SET", Question, CommandFlags.NoRedirect);
            if (!await ComesInTimeAsync(answer, asked).ConfigureAwait(false))
                Set(StoreState.Silent);
            await answer.ConfigureAwait(false);
            Answered(time.GetElapsedTime(asked), StoreState.Answers);
        }
        catch (RedisServerException e)
        {
            // Another server's slot: it answers.
            bool isElsewhere = e.Message.StartsWith("MOVED", StringComparison.Ordinal);
            Set(isElsewhere ? StoreState.Answers : StoreState.Refuses);
        }
        catch (RedisTimeoutException)
        {
            Set(StoreState.Silent);
        }
        catch (Exception e) when (e is RedisException or RedisCommandException or ObjectDisposedException)
        {
            Set(StoreState.Away);
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);
        }
    }

    private async Task<bool> ComesInTimeAsync(Task answer, long asked)
    {
        TimeSpan patience = Patience();
        for (TimeSpan left = patience; left > TimeSpan.Zero && !answer.IsCompleted;)
        {
            long before = time.GetTimestamp();
            await Task.WhenAny(answer, Task.Delay(left, time)).ConfigureAwait(false);
            // When this process was held up itself, the server gets that time too.
            TimeSpan late = time.GetElapsedTime(before) - left;
            patience += late > left && patience < Longest ? late : TimeSpan.Zero;
            left = patience - time.GetElapsedTime(asked);
        }

        return answer.IsCompleted;
    }

    private TimeSpan Patience()
    {
        lock (_lock)
        {
            TimeSpan slowest = _slowest > _slowestBefore ? _slowest : _slowestBefore;
            TimeSpan given = slowest * Times < Longest ? slowest * Times : Longest;
            return given > silence ? given : silence;
        }
    }

    private void Answered(TimeSpan after, StoreState state)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_windowAt) > Window)
                (_slowestBefore, _slowest, _windowAt) = (_slowest, TimeSpan.Zero, time.GetTimestamp());
            // What is over the longest is an outage and says nothing about usual answers.
            if (after <= Longest && after > _slowest && time.GetElapsedTime(_startedAt) > WarmUp)
                _slowest = after;
        }

        Set(state);
    }

    private void Set(StoreState state)
    {
        lock (_lock)
        {
            _state = state;
            if (state == StoreState.Silent)
            {
                _silence.TrySetResult();
                return;
            }

            // A silent server whose connection is given up is silent until it is heard again, or for a while.
            bool isSilent = _silence.Task.IsCompleted;
            if (state == StoreState.Away)
                _ = GiveUpAsync(_silence, isSilent ? KeptSilent : Longest);
            else if (isSilent)
                _silence = Create();
        }
    }

    // The pulse's own connection is lost, so nobody asks: who waits for a command on another one would wait for the
    // client's timeout. A server that is there is connected to by then, or lets only that other one in.
    private async Task GiveUpAsync(TaskCompletionSource waiting, TimeSpan after)
    {
        await Task.Delay(after, time).ConfigureAwait(false);
        lock (_lock)
        {
            if (_state != StoreState.Away)
                return;

            waiting.TrySetResult();
            if (_silence == waiting)
                _silence = Create();
        }
    }

    // Whoever waits must not run inside the lock.
    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
