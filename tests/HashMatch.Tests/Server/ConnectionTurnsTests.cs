using System.Buffers.Binary;
using System.IO.Pipelines;
using HashMatch.Server.Admission;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class ConnectionTurnsTests
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Ping = 6;
    private const byte WindowUpdate = 8;

    private readonly ManualClock _clock = new();
    private readonly List<bool> _ends = [];
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly ConnectionTurns _turns;
    private ValueTask<ReadResult>? _waiting;

    public ConnectionTurnsTests() => _turns = new ConnectionTurns(_pipe.Reader, _ends.Add, _clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static byte[] Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    [Fact]
    public void Frames_are_found_whatever_the_pieces_that_they_come_in()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            byte[] types = new byte[random.Next(1, 40)];
            random.NextBytes(types);
            byte[] bytes = [.. types.SelectMany(type => Frame((byte)(type % 12), random.Next(300)))];
            var walk = new FrameWalk();
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(random.Next(1, 30), bytes.Length - at);
                Assert.Equal(length, walk.Go(bytes.AsSpan(at, length), length));
                at += length;
            }

            Assert.True(types.Length == walk.Frames, $"seed {seed}");
            Assert.True(types.Count(type => type % 12 == Reset) == walk.Resets, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_turn_is_no_longer_than_its_frames(bool isWithPreface)
    {
        byte[] preface = isWithPreface ? Preface : [];
        if (!isWithPreface)
        {
            await BeginAsync();
        }

        byte[] pings = Many(ConnectionTurns.MostIdleAtFirst, Ping, 8);
        await _pipe.Writer.WriteAsync((byte[])[.. preface, .. pings], Cancellation);
        int turns = 0;
        for (long left = preface.Length + pings.Length; left > 0; turns++)
        {
            ReadResult result = await _turns.ReadAsync(Cancellation);
            Assert.InRange(result.Buffer.Length, 1, (ConnectionTurns.IdleAtOnce + 1) * 17);
            left -= result.Buffer.Length;
            _turns.AdvanceTo(result.Buffer.End);
        }

        Assert.InRange(turns, 3, 6);
    }

    [Fact]
    public async Task All_bytes_come_through_as_they_were()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        byte[] sent =
        [
            .. Preface,
            .. Enumerable.Range(0, 300).SelectMany(_ => (byte[])
                [.. Frame(Headers, random.Next(200)), .. Frame(Data, random.Next(16_000))]),
        ];
        random.NextBytes(sent.AsSpan(sent.Length - 100));
        Task writing = Task.Run(
            async () =>
            {
                for (int at = 0; at < sent.Length;)
                {
                    int length = Math.Min(random.Next(1, 20_000), sent.Length - at);
                    await _pipe.Writer.WriteAsync(sent.AsMemory(at, length), Cancellation);
                    at += length;
                }

                await _pipe.Writer.CompleteAsync();
            },
            Cancellation);
        using var received = new MemoryStream();
        await _turns.CopyToAsync(received, Cancellation);
        await writing;
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()), $"seed {seed}");
    }

    [Fact]
    public async Task Who_takes_nothing_of_a_turn_gets_more()
    {
        await BeginAsync();
        byte[] data = Many(2 * ConnectionTurns.FramesAtOnce, Data, 8);
        await _pipe.Writer.WriteAsync(data, Cancellation);
        ReadResult result = await _turns.ReadAsync(Cancellation);
        Assert.True(result.Buffer.Length < data.Length);
        _turns.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        result = await _turns.ReadAsync(Cancellation);
        Assert.Equal(data.Length, result.Buffer.Length);
    }

    [Fact]
    public async Task Frames_that_serve_no_call_wait()
    {
        await BeginAsync();
        await _pipe.Writer.WriteAsync(Many(3 * ConnectionTurns.MostIdleAtFirst, Ping, 8), Cancellation);
        long read = await ReadUntilItWaitsAsync() / 17;
        Assert.InRange(
            read, ConnectionTurns.MostIdleAtFirst, ConnectionTurns.MostIdleAtFirst + (2 * ConnectionTurns.IdleAtOnce));
        _clock.Advance(TimeSpan.FromSeconds(1));
        ReadResult result = await _waiting!.Value.AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.False(result.Buffer.IsEmpty);
    }

    [Fact]
    public async Task Calls_do_not_wait_whatever_their_number()
    {
        await BeginAsync();
        byte[] call =
        [
            .. Frame(Headers, 100), .. Frame(Data, 5), .. Frame(WindowUpdate, 4),
            .. Frame(Headers, 100), .. Frame(Data, 70), .. Frame(Ping, 8),
        ];
        byte[] calls = [.. Enumerable.Repeat(call, 5000).SelectMany(bytes => bytes)];
        await _pipe.Writer.WriteAsync(calls, Cancellation);
        await _pipe.Writer.CompleteAsync();
        using var received = new MemoryStream();
        await _turns.CopyToAsync(received, Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal(calls.Length, received.Length);
        Assert.Empty(_ends);
    }

    [Fact]
    public async Task Data_of_a_few_bytes_does_not_wait_whatever_its_number()
    {
        await BeginAsync();
        byte[] chunks = Many(20_000, Data, 8);
        await _pipe.Writer.WriteAsync(chunks, Cancellation);
        await _pipe.Writer.CompleteAsync();
        using var received = new MemoryStream();
        await _turns.CopyToAsync(received, Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Equal(chunks.Length, received.Length);
    }

    [Fact]
    public async Task Many_resets_end_their_connection_and_then_close_it()
    {
        await BeginAsync();
        await ResetAsync(ConnectionTurns.MostResets - 1);
        Assert.Empty(_ends);
        await ResetAsync(1);
        await ResetAsync(ConnectionTurns.MostResets - 1);
        Assert.Equal([false], _ends);
        await ResetAsync(1);
        Assert.Equal([false, true], _ends);
    }

    [Fact]
    public async Task Resets_are_forgotten_after_five_seconds()
    {
        await BeginAsync();
        for (int round = 0; round < 5; round++)
        {
            await ResetAsync(ConnectionTurns.MostResets - 1);
            _clock.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Empty(_ends);
    }

    [Fact]
    public async Task Other_protocols_are_read_as_they_come()
    {
        byte[] request = "PUT / HTTP/1.1\r\n\r\n"u8.ToArray();
        byte[] sent = [.. Enumerable.Repeat(request, 10_000).SelectMany(bytes => bytes)];
        await _pipe.Writer.WriteAsync(sent, Cancellation);
        for (int i = 0; i < 10_000; i++)
        {
            ReadResult result = await _turns.ReadAsync(Cancellation);
            Assert.Equal(sent.Length - ((long)i * request.Length), result.Buffer.Length);
            _turns.AdvanceTo(result.Buffer.GetPosition(request.Length));
        }

        Assert.Empty(_ends);
    }

    private static byte[] Frame(byte type, int length)
    {
        byte[] frame = new byte[9 + length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, ((uint)length << 8) | type);
        return frame;
    }

    private static byte[] Many(int count, byte type, int length) =>
        [.. Enumerable.Repeat(Frame(type, length), count).SelectMany(bytes => bytes)];

    private async Task BeginAsync()
    {
        await _pipe.Writer.WriteAsync(Preface, Cancellation);
        ReadResult result = await _turns.ReadAsync(Cancellation);
        _turns.AdvanceTo(result.Buffer.End);
    }

    private async Task<long> ReadUntilItWaitsAsync()
    {
        for (long read = 0; ;)
        {
            ValueTask<ReadResult> reading = _turns.ReadAsync(Cancellation);
            for (int wait = 0; wait < 200 && !reading.IsCompleted; wait++)
            {
                await Task.Delay(5, Cancellation);
            }

            if (!reading.IsCompleted)
            {
                _waiting = reading;
                return read;
            }

            ReadResult result = await reading;
            read += result.Buffer.Length;
            _turns.AdvanceTo(result.Buffer.End);
        }
    }

    // By TryRead, which has no turns and no pauses.
    private async Task ResetAsync(int count)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte[])[.. Frame(Headers, 50), .. Frame(Reset, 4)], count)
            .SelectMany(pair => pair)];
        await _pipe.Writer.WriteAsync(bytes, Cancellation);
        while (_turns.TryRead(out ReadResult result))
        {
            _turns.AdvanceTo(result.Buffer.End);
        }
    }
}
