using System.Text;
using HashMatch.FaultTests.Serving;
using HashMatch.Server.Admission;
using Xunit;

namespace HashMatch.FaultTests.Transport;

/// <summary>HTTP/2 frames that an honest client would not send, in floods and one by one.</summary>
public sealed class FrameAttackTests(AttackedServer attacked) : IClassFixture<AttackedServer>
{
    private const string Match = "/hashmatch.v1.Matching/Match";
    private const long MaxGrowthMb = 200;

    // Of floods on connections that last. Without turns the honest client gets 3 to 14 answers in the attack's time,
    // under 1 % of those without it; with them a third and more, and 7 % under the first rapid reset of a server that
    // is not warm. Attacks that begin hundreds of connections take the processors by that, and are held to no share.
    private const double LeastShare = 0.015;

    // Frames that a peer can send at once cost it less than they cost the server, one by one the other way round.
    private const int BytesAtOnce = 8192;

    private static readonly TimeSpan AttackTime = TimeSpan.FromSeconds(2);
    private static readonly byte[] Call = Frames.Call(Match);
    private readonly TestedServer _server = attacked.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Rapid_reset() => FloodAsync(
        "rapid reset (CVE-2023-44487)", "the connection is closed",
        number => number > 500_000
            ? null
            : [
                .. Frames.Frame(Frames.Headers, Frames.EndHeaders, (2 * number) + 1, Call),
                .. Frames.Frame(Frames.Reset, 0, (2 * number) + 1, [0, 0, 0, 8]),
            ],
        mustClose: true, leastShare: LeastShare);

    [Fact]
    public Task Continuations_without_end() => FloodAsync(
        "CONTINUATION flood", "the connection is closed",
        number => number == 0
            ? Frames.Frame(Frames.Headers, 0, 1, Frames.Call(Match))
            : Frames.Frame(Frames.Continuation, 0, 1, Frames.Block(("x-more", new string('a', 1000)))),
        mustClose: true);

    [Fact]
    public Task Empty_continuations_without_end() => FloodAsync(
        "CONTINUATION flood of empty frames", "the connection is closed",
        number => number == 0
            ? Frames.Frame(Frames.Headers, 0, 1, Frames.Call(Match))
            : Frames.Frame(Frames.Continuation, 0, 1, []),
        mustClose: true);

    [Fact]
    public Task Settings_whose_answers_are_not_read() => FloodAsync(
        "SETTINGS flood, answers not read", "bounded",
        _ => Frames.Frame(Frames.Settings, 0, 0, []), reads: false, leastShare: LeastShare);

    [Fact]
    public Task Pings_whose_answers_are_not_read() => FloodAsync(
        "PING flood, answers not read", "bounded",
        _ => Frames.Frame(Frames.Ping, 0, 0, new byte[8]), reads: false, leastShare: LeastShare);

    [Fact]
    public Task Priorities() => FloodAsync(
        "PRIORITY flood", "bounded",
        number => Frames.Frame(Frames.Priority, 0, (2 * (number % 1000)) + 1, [0, 0, 0, 0, 1]),
        leastShare: LeastShare);

    [Fact]
    public Task Empty_data_without_end() => FloodAsync(
        "flood of empty DATA", "bounded",
        number => number == 0
            ? Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, Frames.Call(Match))
            : Frames.Frame(Frames.Data, 0, 1, []),
        leastShare: LeastShare);

    [Fact]
    public Task Headers_of_a_megabyte() => FloodAsync(
        "header of 1 MB", "the connection or the stream is closed",
        number => number < 64 ? GiantHeader(number) : null, mustClose: true);

    [Fact]
    public Task A_header_list_that_grows_by_the_table() => FloodAsync(
        "HPACK bomb", "refused",
        number => number > 100
            ? null
            : Frames.Frame(
                Frames.Headers, Frames.EndHeaders | Frames.EndStream, (2 * number) + 1,
                // One field of 4,000 bytes into the table, then named 10,000 times by one byte each.
                [0x40, 1, (byte)'x', 127, 0xA1, 0x1E, .. new byte[4000], .. Enumerable.Repeat((byte)0xBE, 10_000)]),
        mustClose: true);

    [Theory]
    [InlineData("frame longer than is allowed")]
    [InlineData("frame longer than what comes")]
    [InlineData("data on a stream that is not open")]
    [InlineData("headers on an even stream")]
    [InlineData("settings of another length")]
    [InlineData("window of zero")]
    [InlineData("window that overflows")]
    [InlineData("padding that is longer than its frame")]
    [InlineData("unknown frames")]
    [InlineData("reset of an idle stream")]
    [InlineData("noise")]
    public async Task A_frame_that_breaks_the_rules(string kind)
    {
        byte[] bytes = Broken(kind);
        string seen = await Attack.RunAsync(
            _server, kind, "GOAWAY or ignored, the server goes on",
            async token =>
            {
                int closed = 0;
                for (int i = 0; i < 50 && !token.IsCancellationRequested; i++)
                {
                    using RawConnection connection = await RawConnection.OpenHttp2Async(_server.Address, token);
                    await connection.SendAsync(bytes, token);
                    await connection.SendAsync(Frames.Frame(Frames.Ping, 0, 0, new byte[8]), token);
                    for (int wait = 0; wait < 20 && !connection.IsClosed && connection.GoAwayCode is null; wait++)
                    {
                        await Task.Delay(5, token);
                    }

                    closed += connection.IsClosed || connection.GoAwayCode is not null ? 1 : 0;
                }

                return $"{closed} of 50 connections closed";
            },
            AttackTime, MaxGrowthMb);
        Assert.NotEmpty(seen);
    }

    private static byte[] Broken(string kind) => kind switch
    {
        "frame longer than is allowed" => Frames.Frame(Frames.Data, 0, 1, new byte[100], length: 0xFFFFFF),
        "frame longer than what comes" => Frames.Frame(Frames.Headers, Frames.EndHeaders, 1, [0x82], length: 16_000),
        "data on a stream that is not open" => Frames.Frame(Frames.Data, 0, 7, new byte[100]),
        "headers on an even stream" => Frames.Frame(Frames.Headers, Frames.EndHeaders, 2, Frames.Call(Match)),
        "settings of another length" => Frames.Frame(Frames.Settings, 0, 0, new byte[7]),
        "window of zero" => Frames.Frame(Frames.WindowUpdate, 0, 0, new byte[4]),
        "window that overflows" => [.. Enumerable.Repeat(
            Frames.Frame(Frames.WindowUpdate, 0, 0, [0x7F, 0xFF, 0xFF, 0xFF]), 3).SelectMany(frame => frame)],
        "padding that is longer than its frame" => Frames.Frame(Frames.Headers, Frames.EndHeaders | 8, 1, [255, 0x82]),
        "unknown frames" => [.. Enumerable.Range(20, 200).SelectMany(
            type => Frames.Frame((byte)type, 0xFF, type, new byte[100]))],
        "reset of an idle stream" => Frames.Frame(Frames.Reset, 0, 99, [0, 0, 0, 1]),
        _ => Noise(),
    };

    private static byte[] Noise()
    {
        byte[] noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private static byte[] GiantHeader(int part)
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('a', 16_000));
        // A literal whose value says that it has a megabyte, in as many frames as that takes.
        return part == 0
            ? Frames.Frame(
                Frames.Headers, 0, 1,
                [.. Frames.Call(Match), 0, 1, (byte)'x', 127, 0x81, 0xFF, 0x3E, .. text[..15_000]])
            : Frames.Frame(Frames.Continuation, 0, 1, text);
    }

    // Sends frames as fast as they are taken, on ten connections at a time, until the time is over.
    private async Task FloodAsync(
        string injected,
        string expected,
        Func<int, byte[]?> frame,
        bool reads = true,
        bool mustClose = false,
        double leastShare = 0) =>
        await Attack.RunAsync(
            _server, injected, expected,
            async token =>
            {
                (int sent, int closed, int opened) = (0, 0, 0);
                string codes = "";
                await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
                {
                    while (!token.IsCancellationRequested)
                    {
                        using RawConnection connection =
                            await RawConnection.OpenHttp2Async(_server.Address, Cancellation, reads);
                        Interlocked.Increment(ref opened);
                        // On a thread of its own: a send that completes at once never lets go of its thread, and ten of
                        // those would take the pool from the honest client, which is what would be measured then.
                        Interlocked.Add(ref sent, await Task.Factory.StartNew(
                            () => Send(connection, frame, token), CancellationToken.None,
                            TaskCreationOptions.LongRunning, TaskScheduler.Default));

                        // What only the headers' time limit ends is looked at by the server once a second.
                        for (int wait = 0; wait < 4000 && mustClose && !IsEnded(connection); wait++)
                        {
                            await Task.Delay(5, Cancellation);
                        }

                        Interlocked.Add(ref closed, IsEnded(connection) ? 1 : 0);
                        codes = $"{connection.GoAwayCode}";
                    }
                }));
                if (mustClose)
                {
                    Assert.True(closed > 0, $"None of {opened} connections was closed, {sent} frames sent.");
                }

                return $"{sent} frames on {opened} connections, {closed} closed, GOAWAY code {codes}";
            },
            AttackTime, MaxGrowthMb, leastShare);

    // A server that does not read any more is as good as one that closes.
    private static int Send(RawConnection connection, Func<int, byte[]?> frame, CancellationToken token)
    {
        // An attacker has processors of its own; here it gets what server and honest client leave, which is enough.
        ThreadNice.Lower(19);
        var batch = new List<byte>();
        int number = 0;
        try
        {
            while (!token.IsCancellationRequested)
            {
                batch.Clear();
                while (batch.Count < BytesAtOnce && frame(number) is { } bytes)
                {
                    batch.AddRange(bytes);
                    number++;
                }

                if (batch.Count == 0
                    || !connection.SendAsync(batch.ToArray(), token).GetAwaiter().GetResult())
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Its time is over.
        }

        return number;
    }

    private static bool IsEnded(RawConnection connection) =>
        connection.IsClosed || connection.GoAwayCode is not null || connection.ResetCode is not null;
}
