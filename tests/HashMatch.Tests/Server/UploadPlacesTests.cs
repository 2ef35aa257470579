using System.IO.Pipelines;
using CsCheck;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using Xunit;

namespace HashMatch.Tests.Server;

/// <summary>Places and bytes.</summary>
public sealed class UploadPlacesTests
{
    private const int Places = 8;
    private const long MaxBytes = 1000;

    private readonly ManualClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Never_more_bytes_or_places_than_there_are_and_all_come_back() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 20], Gen.Long[0, 600]).Array[0, 200].Sample(steps =>
        {
            using UploadPlaces places = Create();
            List<AdmissionPlace> held = [];
            foreach ((int what, int which, long bytes) in steps)
            {
                AdmissionPlace? place = held.Count == 0 ? null : held[which % held.Count];
                switch (what)
                {
                    case 0 when places.TryEnter(which % 2 == 0 ? "a" : "b") is { } entered:
                        held.Add(entered);
                        break;
                    case 1:
                        place?.TryHold(bytes);
                        break;
                    case 2:
                        place?.Release(bytes);
                        break;
                    case 3 when place is not null:
                        place.Dispose();
                        place.Dispose();
                        Assert.False(place.TryHold(1));
                        held.Remove(place);
                        break;
                    case 4:
                        place?.StartReceiving(() => { });
                        break;
                    default:
                        place?.EndReceiving();
                        break;
                }

                Assert.InRange(places.Bytes, 0, MaxBytes);
                Assert.Equal(held.Sum(each => each.Bytes), places.Bytes);
                Assert.InRange(places.Count, 0, Places);
                Assert.Equal(held.Count, places.Count);
            }

            held.ForEach(each => each.Dispose());
            Assert.Equal((0, 0L, 0), (places.Count, places.Bytes, places.Receiving));
        });

    [Fact]
    public void One_named_caller_leaves_places_to_others()
    {
        using UploadPlaces places = Create();
        int own = 0;
        while (places.TryEnter("busy") is not null)
        {
            own++;
        }

        Assert.Equal(6, own);
        Assert.NotNull(places.TryEnter("other"));
    }

    [Fact]
    public async Task Streams_wait_for_bytes_in_order_and_a_cancelled_one_leaves_the_line()
    {
        using UploadPlaces places = Create();
        using AdmissionPlace first = places.EnterStream("a");
        using AdmissionPlace second = places.EnterStream("b");
        using AdmissionPlace third = places.EnterStream("c");
        Assert.True(first.TryHold(900));
        using var gone = new CancellationTokenSource();
        Task large = second.HoldAsync(800, gone.Token);
        Task small = third.HoldAsync(50, Cancellation);
        Assert.False(large.IsCompleted || small.IsCompleted);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        Assert.Equal(950, places.Bytes);
    }

    [Fact]
    public void A_slow_sender_goes_when_another_wants_its_place_and_a_quick_one_stays()
    {
        using UploadPlaces places = Create();
        AdmissionPlace[] all = [.. Enumerable.Range(0, Places).Select(_ => places.TryEnter("anonymous")!)];
        Array.ForEach(all, place => place.StartReceiving(() => { }));
        _clock.Advance(TimeSpan.FromMilliseconds(900));
        all[0].Take(10);
        Array.ForEach(all[1..], place => place.Take(100_000));
        Assert.Null(places.TryEnter("anonymous"));
        Assert.Null(all[0].EndedBy);
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Null(places.TryEnter("anonymous"));
        Assert.Equal(ErrorReasons.UploadTooSlow, RpcErrors.ReasonOf(all[0].EndedBy!));
        Assert.All(all[1..], place => Assert.Null(place.EndedBy));
        // Its bytes are there until its call is over.
        Assert.Equal(Places, places.Count);
        all[0].Dispose();
        Assert.NotNull(places.TryEnter("anonymous"));
    }

    [Fact]
    public void A_slow_sender_stays_while_there_is_room_but_not_for_ever()
    {
        using UploadPlaces places = Create();
        using AdmissionPlace place = places.TryEnter("anonymous")!;
        bool isWoken = false;
        place.StartReceiving(() => isWoken = true);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(place.EndedBy);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ErrorReasons.UploadTimedOut, RpcErrors.ReasonOf(place.EndedBy!));
        Assert.True(isWoken);
    }

    [Fact]
    public void What_was_received_in_time_is_left_alone()
    {
        using UploadPlaces places = Create();
        using AdmissionPlace place = places.TryEnter("anonymous")!;
        place.StartReceiving(() => { });
        place.EndReceiving();
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(place.EndedBy);
    }

    [Fact]
    public void A_place_that_was_given_back_wakes_nobody()
    {
        using UploadPlaces places = Create();
        AdmissionPlace place = places.TryEnter("anonymous")!;
        bool isWoken = false;
        place.StartReceiving(() => isWoken = true);
        place.Dispose();
        // As by a thread that found it slow just before: what it reads from may be another call's by now.
        place.End(RpcErrors.UploadTooSlow());
        Assert.False(isWoken);
    }

    [Fact]
    public void A_body_that_was_broken_off_does_not_break_who_ends_its_call()
    {
        using UploadPlaces places = Create();
        using AdmissionPlace place = places.TryEnter("anonymous")!;
        var intake = new IntakeReader(
            new BrokenOff(), place, IntakeKind.Upload, (int)MaxBytes, MaxBytes, () => RpcErrors.QueueFull());
        _ = intake.ReadAsync(Cancellation).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(ErrorReasons.UploadTimedOut, RpcErrors.ReasonOf(place.EndedBy!));
    }

    // As the transport's body is when the connection is lost, or the request over.
    private sealed class BrokenOff : PipeReader
    {
        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void CancelPendingRead() => throw new ObjectDisposedException(nameof(BrokenOff));

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            new(new TaskCompletionSource<ReadResult>().Task);

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return false;
        }
    }

    private UploadPlaces Create() => new(
        new ServerOptions { MaxConcurrentDecodes = 2, MaxQueuedUploads = Places - 2, MaxUploadMemoryBytes = MaxBytes },
        _clock,
        null);
}
