using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace HashMatch.Server.Admission;

/// <summary>
/// Counts the calls of each HTTP/2 connection that are refused while their bodies come in. The transport keeps every
/// such stream for five seconds, walks all of them with each read, and resets what is over twice the streams that a
/// connection may have. So a connection with many of them is ended by GOAWAY: its calls are answered, and the caller's
/// next ones come by a connection that has none. Safe for concurrent use.
/// </summary>
public sealed class RefusedStreams(TimeProvider time)
{
    /// <summary>Streams that may be refused on a connection in five seconds.</summary>
    public const int Most = 250;

    /// <summary>The least of them: each connection has a number of its own. A caller that uses several in turn would
    /// have to replace all of them at the same moment.</summary>
    public const int Least = 200;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    // A connection is closed once no call on it is open. What its caller began until it knew would fail, and closing it
    // while bodies come in would reset it, by which the caller loses the answers that it did not read.
    private static readonly TimeSpan TimeToKnow = TimeSpan.FromMilliseconds(500);

    private readonly ConditionalWeakTable<object, Connection> _connections = [];

    /// <summary>Answers a call whose body may still come in; one of many takes its time, by which its connection ends.
    /// </summary>
    /// <param name="http">The call.</param>
    /// <param name="answer">Writes the answer.</param>
    public async Task AnswerAsync(HttpContext http, Func<Task> answer)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(answer);
        if (!HttpProtocol.IsHttp2(http.Request.Protocol)
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
            || http.Features.Get<IConnectionLifetimeNotificationFeature>() is not { } lifetime
            || !_connections.GetOrAdd(lifetime, static _ => new Connection()).IsFull(WorkOrder.Clock(time)))
        {
            await answer();
            return;
        }

        lifetime.RequestClose();
        await Task.Delay(TimeToKnow, time, http.RequestAborted);
        await answer();
    }

    private sealed class Connection
    {
        private readonly Lock _gate = new();
#pragma warning disable CA5394 // No secret.
        private readonly int _most = Random.Shared.Next(Least, Most + 1);
#pragma warning restore CA5394
        private TimeSpan _since;
        private int _count;
        private bool _isOver;

        /// <summary>Counts a stream.</summary>
        /// <returns>Whether the connection is to be ended; once.</returns>
        public bool IsFull(TimeSpan now)
        {
            lock (_gate)
            {
                if (now - _since > Kept)
                {
                    (_since, _count) = (now, 0);
                }

                bool isFull = ++_count >= _most && !_isOver;
                _isOver |= isFull;
                return isFull;
            }
        }
    }
}
