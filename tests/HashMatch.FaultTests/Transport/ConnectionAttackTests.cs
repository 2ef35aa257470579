using System.Net.Sockets;
using System.Text;
using HashMatch.FaultTests.Serving;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Server.Admission;
using Xunit;

namespace HashMatch.FaultTests.Transport;

/// <summary>
/// Attackers on loopback against the server as the program that it is: while they are at it an honest client gets a
/// right verdict for every upload, memory stays bounded, and afterwards the server is as it was.
/// </summary>
public sealed class ConnectionAttackTests(AttackedServer attacked) : IClassFixture<AttackedServer>
{
    private const string Match = "/hashmatch.v1.Matching/Match";
    private const string MatchUpload = "/hashmatch.v1.Matching/MatchUpload";
    private const int Connections = 1000;
    private const long MaxGrowthMb = 400;

    private static readonly TimeSpan AttackTime = TimeSpan.FromSeconds(2);

    private readonly TestedServer _server = attacked.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_thousand_http1_connections_that_send_a_byte_at_a_time() => RunAsync(
        "slowloris x1,000, HTTP/1.1", "closed when the headers take too long",
        _ => SlowlyAsync(
            _server.JsonAddress,
            Encoding.ASCII.GetBytes("POST /v1/match HTTP/1.1\r\nHost: x\r\nX-Slow: " + new string('a', 10_000))));

    [Fact]
    public Task A_thousand_http2_connections_that_send_their_preface_a_byte_at_a_time() => RunAsync(
        "slowloris x1,000, HTTP/2 preface", "closed when it takes too long",
        _ => SlowlyAsync(_server.Address, Frames.Preface));

    [Fact]
    public Task A_thousand_http2_connections_that_send_their_headers_a_byte_at_a_time() => RunAsync(
        "slowloris x1,000, HTTP/2 headers", "closed when they take too long",
        _ => SlowlyAsync(
            _server.Address,
            [
                .. Frames.Preface, .. Frames.Frame(Frames.Settings, 0, 0, []),
                .. Frames.Frame(Frames.Headers, 0, 1, Frames.Call(Match, ("x-slow", new string('a', 10_000)))),
            ],
            atOnce: Frames.Preface.Length + 30));

    [Fact]
    public Task Bodies_that_come_a_byte_at_a_time() => RunAsync(
        "slow bodies x1,000", "closed, or answered that they are too slow",
        _ => SlowlyAsync(
            _server.Address,
            [
                .. Frames.Preface, .. Frames.Frame(Frames.Settings, 0, 0, []),
                .. Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, Frames.Call(Match)),
                .. Frames.Frame(Frames.Data, 0, 1, Frames.Message(new byte[100], length: 10_000)),
                .. Enumerable.Repeat(Frames.Frame(Frames.Data, 0, 1, [0]), 5000).SelectMany(frame => frame),
            ],
            atOnce: Frames.Preface.Length + 250));

    [Fact]
    public Task Ten_thousand_streams_on_one_connection() => RunAsync(
        "10,000 streams, one connection", "refused beyond the limit", async token =>
        {
            using RawConnection connection = await RawConnection.OpenHttp2Async(_server.Address, token);
            byte[] call = Frames.Call(Match);
            for (int stream = 1; stream < 20_000; stream += 2)
            {
                await connection.SendAsync(Frames.Frame(Frames.Headers, Frames.EndHeaders, stream, call), token);
            }

            await UntilAsync(() => connection.Received(Frames.Reset) > 0 || connection.IsClosed, token);
            return $"{connection.Received(Frames.Reset)} streams refused, code {connection.ResetCode}, "
                + $"closed {connection.IsClosed}";
        });

    [Fact]
    public Task Ten_thousand_streams_on_a_hundred_connections() => RunAsync(
        "10,000 streams, 100 connections", "held, and let go with their connections", async token =>
        {
            List<RawConnection> all = [];
            try
            {
                byte[] call = Frames.Call(Match);
                for (int i = 0; i < 100; i++)
                {
                    RawConnection connection = await RawConnection.OpenHttp2Async(_server.Address, token);
                    all.Add(connection);
                    await connection.SendAsync(Frames.Calls(call, 100), token);
                }

                await Task.WhenAny(Task.Delay(AttackTime, token));
                return $"{all.Sum(connection => connection.Received(Frames.Reset))} streams refused, "
                    + $"{all.Count(connection => connection.IsClosed)} connections closed";
            }
            finally
            {
                all.ForEach(connection => connection.Dispose());
            }
        });

    [Fact]
    public Task Uploads_that_are_begun_and_never_go_on() => RunAsync(
        "1,000 MatchUpload calls that send nothing", "honest uploads find places", async token =>
        {
            List<RawConnection> all = [];
            try
            {
                byte[] call = Frames.Call(MatchUpload);
                for (int i = 0; i < 10; i++)
                {
                    RawConnection connection = await RawConnection.OpenHttp2Async(_server.Address, token);
                    all.Add(connection);
                    await connection.SendAsync(Frames.Calls(call, 100), token);
                }

                await Task.WhenAny(Task.Delay(AttackTime, token));
                return $"{all.Sum(connection => connection.Received(Frames.Headers))} of them answered";
            }
            finally
            {
                all.ForEach(connection => connection.Dispose());
            }
        });

    [Theory]
    [InlineData("closed at once", 0)]
    [InlineData("left behind the preface", 1)]
    [InlineData("left behind a call", 2)]
    [InlineData("left behind 80 calls that are reset", 80)]
    public Task Connections_that_come_and_go(string how, int calls) => RunAsync(
        $"thirty at a time that connect again and again, {how}", "others are served",
        async token =>
        {
            byte[] first = calls == 0 ? [] : [.. Frames.Preface, .. Frames.Frame(Frames.Settings, 0, 0, [])];
            byte[] call = Frames.Call(Match);
            byte[] bytes =
            [
                .. first,
                .. Enumerable.Range(0, calls == 1 ? 0 : calls).SelectMany(number => (byte[])
                [
                    .. Frames.Frame(Frames.Headers, Frames.EndHeaders, (2 * number) + 1, call),
                    .. Frames.Frame(Frames.Reset, 0, (2 * number) + 1, [0, 0, 0, 8]),
                ]),
            ];
            int opened = 0;
            await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    ThreadNice.Lower(19);
                    while (!token.IsCancellationRequested)
                    {
                        // Reset when it is closed: else its port could not be used again for a minute.
                        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
                        {
                            NoDelay = true,
                            LingerState = new LingerOption(true, 0),
                        };
                        try
                        {
                            socket.Connect(_server.Address.Host, _server.Address.Port);
                            if (bytes.Length > 0)
                            {
                                socket.Send(bytes);
                                // What it says first: from there on it has the connection's costs.
                                socket.ReceiveTimeout = 500;
                                socket.Receive(new byte[256]);
                            }

                            Interlocked.Increment(ref opened);
                        }
                        catch (SocketException)
                        {
                            // Refused, which is an answer.
                        }
                    }
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            return $"{opened} connections";
        });

    [Fact]
    public Task Messages_of_32_MB_that_never_end() => RunAsync(
        "100 messages of 32 MB, sent but for their last byte", "memory is bounded", async token =>
        {
            byte[] part = new byte[16_000];
            long sent = 0;
            int closed = 0;
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            {
                using RawConnection connection = await RawConnection.OpenHttp2Async(_server.Address, token);
                for (int stream = 1; stream < 11; stream += 2)
                {
                    await connection.SendAsync(
                        Frames.Frame(Frames.Headers, Frames.EndHeaders, stream, Frames.Call(Match)), token);
                    await connection.SendDataAsync(stream, Frames.Message([], length: 32_000_000), token);
                }

                while (!token.IsCancellationRequested)
                {
                    for (int stream = 1; stream < 11; stream += 2)
                    {
                        if (!await connection.SendDataAsync(stream, part, token))
                        {
                            Interlocked.Increment(ref closed);
                            return;
                        }

                        Interlocked.Add(ref sent, part.Length);
                    }
                }
            }).Select(async sending =>
            {
                try
                {
                    await sending;
                }
                catch (OperationCanceledException) when (token.IsCancellationRequested)
                {
                    // No more room, and no more time.
                }
            }));
            return $"{sent / 1_000_000} MB were taken, {closed} connections closed";
        });

    // Each connection sends what is first at once, and then a byte every 20 ms or so, until the server has closed all.
    private static async Task<string> SlowlyAsync(Uri address, byte[] bytes, int atOnce = 1)
    {
        RawConnection[] all = new RawConnection[Connections];
        try
        {
            for (int i = 0; i < all.Length; i++)
            {
                all[i] = await RawConnection.OpenAsync(address, Cancellation);
                await all[i].SendAsync(bytes.AsMemory(0, atOnce), Cancellation);
            }

            int at = atOnce;
            await Eventually.TrueAsync(
                async () =>
                {
                    foreach (RawConnection connection in all.Where(connection => !connection.IsClosed))
                    {
                        await connection.SendAsync(bytes.AsMemory(at, 1), Cancellation);
                    }

                    at = Math.Min(at + 1, bytes.Length - 2);
                    await Task.Delay(20, Cancellation);
                    return Array.TrueForAll(all, connection => connection.IsClosed);
                },
                "the server closes slow connections", Cancellation);
            return $"{all.Length} of {all.Length} connections closed";
        }
        finally
        {
            Array.ForEach(all, connection => connection?.Dispose());
        }
    }

    private static Task UntilAsync(Func<bool> condition, CancellationToken token) =>
        Eventually.TrueAsync(() => condition() || token.IsCancellationRequested, "the server reacts", Cancellation);

    private Task<string> RunAsync(
        string injected, string expected, Func<CancellationToken, Task<string>> attack) =>
        Attack.RunAsync(_server, injected, expected, attack, AttackTime, MaxGrowthMb);
}
