using Grpc.Core;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Server.Access;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Recording;
using HashMatch.Server.Replica;
using HashMatch.Server.Telemetry;
using HashMatch.Uploads;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// One upload to one verdict, whichever call brought it: checked, admitted, hashed, looked up, recorded.
/// </summary>
public sealed class UploadVerdicts(
    UploadAdmission admission,
    UploadOrders orders,
    IndeterminateVerdicts indeterminate,
    UploadHasher hasher,
    Matcher matcher,
    IndexReadiness readiness,
    IndexFreshness freshness,
    EventWriter events,
    UploadTelemetry telemetry,
    ServerOptions options,
    TimeProvider time)
{
    /// <summary>So long a batch of hashes goes on before others get their turn.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// So long a call of hashes is answered at once, in no queue: about what its transport takes of a processor anyway.
    /// </summary>
    private static readonly TimeSpan FirstSlice = TimeSpan.FromMicroseconds(50);

    /// <summary>Largest upload, in bytes.</summary>
    public int MaxImageBytes => options.Images.MaxImageBytes;

    /// <summary>Takes a place for one item of a stream.</summary>
    /// <exception cref="RpcException">QUEUE_FULL.</exception>
    public AdmissionPlace EnterItem(ServerCallContext context) => admission.Enter(Callers.NameOf(context));

    /// <summary>The verdict on an upload that has a place, and does not wait for a turn.</summary>
    public Task<V1.MatchResponse> MatchAsync(
        ReadOnlyMemory<byte> image, V1.MatchOptions? given, ServerCallContext context) =>
        MatchAsync(image, given, context, waits: false, context.CancellationToken);

    /// <summary>The verdict on an upload that has a place.</summary>
    /// <param name="image">Read until the task ends; the caller zeroes it then.</param>
    /// <param name="given">The caller's options; null for the defaults.</param>
    /// <param name="context">The call: who makes it, and how long it waits.</param>
    /// <param name="waits">Whether it waits for its turn, as an item of a stream does.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="RpcException">A bad field, an index that cannot answer, or no room or time for it.</exception>
    public async Task<V1.MatchResponse> MatchAsync(
        ReadOnlyMemory<byte> image,
        V1.MatchOptions? given,
        ServerCallContext context,
        bool waits,
        CancellationToken cancellation)
    {
        StageClock clock = telemetry.Start();
        Check(image);
        MatchingMessages.Check(given);
        telemetry.Received(image.Length);
        using IndexLease lease = readiness.Require();
        HashIndex index = lease.Index;
        UploadOptions how = MatchingMessages.Read(given, index.Holds, index.Trims);
        string reference = given?.Reference ?? "";
        Caller caller = Callers.Of(context);
        UploadOrder order = orders.Of(image.Span, how.Fidelity, context, waits);
        Verdict verdict = await admission.RunAsync(
            order.Work,
            () => order.Measure(() =>
            {
                clock.End(Stage.Queue);
                HashedUpload hashed = Hash(image, how, ref clock, cancellation);
                Verdict decided = matcher.Decide(index, hashed.Query, caller.Name, out long foundAt);
                clock.EndAt(Stage.Find, foundAt);
                clock.End(Stage.Decide);
                return decided;
            }),
            cancellation);
        clock.Restart();
        bool isOnRecord = await events.RecordAsync(verdict, reference, cancellation);
        clock.End(Stage.Record);
        if (!isOnRecord)
        {
            throw RpcErrors.EventsNotDurable();
        }

        if (IsLoad(verdict, order)
            && indeterminate.For(
                V1.IndeterminateReason.DecodeTimedOut,
                context.GetHttpContext(),
                given?.WhenIndeterminate ?? default,
                reference) is { } instead)
        {
            return instead;
        }

        telemetry.Count(verdict);
        return freshness.Mark(MatchingMessages.Of(verdict, reference, caller.SeesDetails));
    }

    /// <summary>Hashes an upload that has a place, without a look-up.</summary>
    /// <param name="image">Read until the task ends.</param>
    /// <param name="request">How to hash it.</param>
    /// <param name="context">The call.</param>
    public async Task<V1.HashResponse> HashAsync(
        ReadOnlyMemory<byte> image, V1.HashRequest request, ServerCallContext context)
    {
        CancellationToken cancellation = context.CancellationToken;
        Check(image);
        var how = new UploadOptions
        {
            Fidelity = MatchingMessages.Read(request.Fidelity, "fidelity"),
            Dihedral = request.Dihedral,
        };
        UploadOrder order = orders.Of(image.Span, how.Fidelity, context, waits: false);
        StageClock clock = telemetry.Start();
        telemetry.Received(image.Length);
        HashedUpload hashed = await admission.RunAsync(
            order.Work,
            () => order.Measure(() =>
            {
                clock.End(Stage.Queue);
                return Hash(image, how, ref clock, cancellation);
            }),
            cancellation);
        return MatchingMessages.Of(hashed, request);
    }

    /// <summary>Verdicts on ready-made hashes, in their order.</summary>
    public async Task<V1.MatchHashesResponse> MatchHashesAsync(
        IReadOnlyList<MatchQuery> queries, ServerCallContext context)
    {
        CancellationToken cancellation = context.CancellationToken;
        using IndexLease lease = readiness.Require();
        HashIndex index = lease.Index;
        TimeSpan estimate = admission.Costs.EstimateQueries(queries.Count);
        if (estimate > FirstSlice && admission.RefusalOf(
            new WorkOrder(Callers.NameOf(context), estimate, UploadGate.DeadlineOf(context)) { Waits = true })
            is { } refusal)
        {
            throw refusal;
        }

        var response = new V1.MatchHashesResponse();
        response.Results.Capacity = queries.Count;
        List<Verdict> found = [];
        Caller caller = Callers.Of(context);
        int unmatched = Match(queries, caller, index, response, found, FirstSlice, cancellation);
        while (response.Results.Count < queries.Count)
        {
            unmatched += await admission.RunSliceAsync(
                Slice, () => Match(queries, caller, index, response, found, Slice, cancellation), cancellation);
        }

        // All at once: one answer waits for one sync.
        if (!await events.RecordAsync([.. found.Where(verdict => verdict.DurableEvents)], cancellation))
        {
            throw RpcErrors.EventsNotDurable();
        }

        // Nobody was given a verdict before this.
        foreach (Verdict verdict in found)
        {
            telemetry.Count(verdict);
        }

        telemetry.CountBatch(queries.Count, unmatched);
        freshness.Mark(response.Results);
        return response;
    }

    private HashedUpload Hash(
        ReadOnlyMemory<byte> image, UploadOptions how, ref StageClock clock, CancellationToken cancellation)
    {
        HashedUpload hashed = hasher.Hash(image, how, cancellation);
        clock.EndAt(Stage.Digest, hashed.DigestedAt);
        clock.End(Stage.Decode);
        // A decode that the caller's own deadline ended says nothing about the upload.
        cancellation.ThrowIfCancellationRequested();
        return hashed;
    }

    // Goes on where the response ends, for one slice of time. Returns how many verdicts were of the usual kind, which
    // are counted together; others are added to those found. Events that need not be durable are under way.
    private int Match(
        IReadOnlyList<MatchQuery> queries,
        Caller caller,
        HashIndex index,
        V1.MatchHashesResponse response,
        List<Verdict> found,
        TimeSpan slice,
        CancellationToken cancellation)
    {
        V1.ListVersionRef[] versions = [];
        IReadOnlyList<ListVersionRef>? named = null;
        int first = response.Results.Count;
        long start = time.GetTimestamp();
        int unmatched = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            Verdict verdict = matcher.Decide(index, queries[response.Results.Count], caller.Name);
            if (!verdict.DurableEvents)
            {
                events.Record(verdict, "");
            }

            if (UploadTelemetry.IsUnmatched(verdict))
            {
                unmatched++;
            }
            else
            {
                found.Add(verdict);
            }

            // Most verdicts of an index name the same versions, in one array.
            if (!ReferenceEquals(named, verdict.ListVersions))
            {
                named = verdict.ListVersions;
                versions = MatchingMessages.Of(named);
            }

            response.Results.Add(MatchingMessages.Of(verdict, "", versions, caller.SeesDetails));
        }
        while (response.Results.Count < queries.Count
            && time.GetElapsedTime(start) < slice && !admission.IsSliceInTheWay);
        admission.Costs.LearnQueries(response.Results.Count - first, time.GetElapsedTime(start));
        return unmatched;
    }

    // A decode that ran out of time while it had no processor says nothing of the upload either.
    private static bool IsLoad(Verdict verdict, UploadOrder order) =>
        verdict is { Outcome: Outcome.Unhashable, Reason: UnhashableReason.TimedOut } && order.WasStarved;

    private void Check(ReadOnlyMemory<byte> image)
    {
        if (image.IsEmpty)
        {
            throw RpcErrors.InvalidField("image", "must hold the file's bytes");
        }

        if (image.Length > MaxImageBytes)
        {
            throw RpcErrors.UploadTooLarge(MaxImageBytes);
        }
    }
}
