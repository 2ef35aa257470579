using Grpc.Core;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Memory;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class AdmissionTests
{
    /// <summary>Far beyond what anything here takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly WorkOrder Order = new("caller", TimeSpan.FromMilliseconds(1));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Places_are_bounded_and_come_back_once()
    {
        using var admission = Admission(decodes: 1, queued: 1);
        AdmissionPlace first = admission.Enter("caller");
        using AdmissionPlace second = admission.Enter("caller");
        RpcException full = Assert.Throws<RpcException>(() => admission.Enter("caller"));
        Assert.Equal("QUEUE_FULL", RpcErrors.ToItem(full).Reason);
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, admission.InHand);
        admission.Enter("caller").Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Batches_have_every_decode_until_an_upload_wants_one(int decodes)
    {
        using var admission = Admission(decodes, queued: 100);
        using var over = new CancellationTokenSource();
        int running = 0;
        // The last slice goes on for its time, which is until the test is over; with one decode it is in the way.
        Task<int>[] slices = [.. Enumerable.Range(0, decodes).Select(_ => admission.RunSliceAsync(
            TimeSpan.FromMilliseconds(5),
            () =>
            {
                Interlocked.Increment(ref running);
                SpinWait.SpinUntil(() => admission.IsSliceInTheWay || over.IsCancellationRequested);
                return Interlocked.Decrement(ref running);
            },
            Cancellation))];
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref running) == decodes, Patience));
        Assert.False(admission.IsSliceInTheWay);
        Task<int> upload = admission.RunAsync(Order, () => 7, Cancellation);
        if (decodes == 1)
        {
            await over.CancelAsync();
        }

        Assert.Equal(7, await upload.WaitAsync(Patience, Cancellation));
        await over.CancelAsync();
        await Task.WhenAll(slices);
    }

    [Fact]
    public async Task Uploads_that_wait_leave_one_slice_its_time()
    {
        using var admission = Admission(decodes: 1, queued: 100);
        using var gate = new ManualResetEventSlim();
        Task<bool> slice = admission.RunSliceAsync(
            TimeSpan.FromMilliseconds(5),
            () =>
            {
                gate.Wait(Cancellation);
                return admission.IsSliceInTheWay;
            },
            Cancellation);
        Task<int> upload = admission.RunAsync(Order, () => 7, Cancellation);
        gate.Set();
        Assert.False(await slice);
        Assert.Equal(7, await upload);
    }

    [Fact]
    public async Task Only_so_many_decodes_run_at_a_time()
    {
        using var admission = Admission(decodes: 2, queued: 100);
        int running = 0;
        int most = 0;
        var gate = new object();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => admission.RunAsync(
            Order,
            () =>
            {
                lock (gate)
                {
                    most = Math.Max(most, ++running);
                }

                Thread.Yield();
                lock (gate)
                {
                    return running--;
                }
            },
            Cancellation)));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_and_work_that_fails_leave_the_decode_free()
    {
        using var admission = Admission(decodes: 1, queued: 1);
        using var release = new ManualResetEventSlim();
        Task<int> busy = admission.RunAsync(
            Order,
            () =>
            {
                release.Wait(Cancellation);
                return 1;
            },
            Cancellation);
        using var gone = new CancellationTokenSource();
        Task<int> waiting = admission.RunAsync(Order, () => 2, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        release.Set();
        Assert.Equal(1, await busy);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => admission.RunAsync<int>(Order, () => throw new InvalidOperationException(), Cancellation));
        Assert.Equal(3, await admission.RunAsync(Order, () => 3, Cancellation));
    }

    [Fact]
    public async Task What_waits_for_its_turn_when_the_server_stops_is_told_so()
    {
        UploadAdmission admission = Admission(decodes: 1, queued: 100);
        using var gate = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        Task<bool> running = admission.RunAsync(
            Order,
            () =>
            {
                begun.Set();
                return gate.Wait(Patience);
            },
            Cancellation);
        Assert.True(begun.Wait(Patience, Cancellation));
        WorkOrder turn = Order with { Waits = true };
        Task<int>[] waiting =
        [
            .. Enumerable.Range(0, 5).Select(_ => admission.RunAsync(turn, () => 1, Cancellation)),
            .. Enumerable.Range(0, 5).Select(_ => admission.RunSliceAsync(Order.Estimate, () => 1, Cancellation)),
        ];
        admission.Dispose();
        gate.Set();
        Assert.True(await running.WaitAsync(Patience, Cancellation));
        foreach (Task<int> told in waiting.Append(admission.RunAsync(turn, () => 1, Cancellation)).Append(
            admission.RunSliceAsync(Order.Estimate, () => 1, Cancellation)))
        {
            RpcException over = await Assert.ThrowsAsync<RpcException>(() => told.WaitAsync(Patience, Cancellation));
            Assert.Equal("SHUTTING_DOWN", RpcErrors.ToItem(over).Reason);
        }
    }

    [Fact]
    public void A_buffer_grows_to_its_limit_and_no_further()
    {
        byte[] expected = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31))];
        using var arena = new UploadArena(1024 * 1024);
        using UploadScope scope = UploadScope.Begin(arena);
        using var buffer = new UploadBuffer(scope, 200_000);
        Assert.Equal(0, buffer.Memory.Length);
        for (int i = 0; i < expected.Length; i += 1000)
        {
            Assert.True(buffer.TryAppend(expected.AsSpan(i, 1000)));
        }

        Assert.False(buffer.TryAppend([1]));
        Assert.True(buffer.TryAppend([]));
        Assert.Equal(expected, buffer.Memory.ToArray());
    }

    private static UploadAdmission Admission(int decodes, int queued) => new(
        new ServerOptions
        {
            MaxConcurrentDecodes = decodes,
            MaxQueuedUploads = queued,
            MaxQueueDelay = TimeSpan.FromMinutes(5),
        },
        TimeProvider.System);
}
