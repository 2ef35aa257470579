using System.Runtime.InteropServices;
using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Index;
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
    UploadHasher hasher,
    Matcher matcher,
    IndexReadiness readiness,
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

    /// <summary>Takes a place for one upload.</summary>
    /// <exception cref="Grpc.Core.RpcException">QUEUE_FULL.</exception>
    public AdmissionPlace Enter() => admission.Enter();

    /// <summary>The verdict on an upload that has a place.</summary>
    /// <param name="image">Read until the task ends; the caller zeroes it then.</param>
    /// <param name="given">The caller's options; null for the defaults.</param>
    /// <param name="cancellation">The call's: its deadline, or its caller gone.</param>
    /// <exception cref="Grpc.Core.RpcException">A bad field, or an index that cannot answer.</exception>
    public async Task<V1.MatchResponse> MatchAsync(
        ReadOnlyMemory<byte> image, V1.MatchOptions? given, CancellationToken cancellation)
    {
        StageClock clock = telemetry.Start();
        Check(image);
        telemetry.Received(image.Length);
        using IndexLease lease = readiness.Require();
        HashIndex index = lease.Index;
        UploadOptions how = MatchingMessages.Read(given, index.Holds, index.Trims);
        string reference = given?.Reference ?? "";
        Verdict verdict = await admission.RunAsync(
            () =>
            {
                clock.End(Stage.Queue);
                HashedUpload hashed = Hash(image, how, ref clock, cancellation);
                Verdict decided = matcher.Decide(index, hashed.Query, out long foundAt);
                clock.EndAt(Stage.Find, foundAt);
                clock.End(Stage.Decide);
                return decided;
            },
            cancellation);
        clock.Restart();
        events.Record(verdict, reference);
        clock.End(Stage.Record);
        telemetry.Count(verdict);
        return MatchingMessages.Of(verdict, reference, options.Matcher.ShowSuppressed);
    }

    /// <summary>Hashes an upload that has a place, without a look-up.</summary>
    /// <inheritdoc cref="MatchAsync"/>
    public async Task<V1.HashResponse> HashAsync(V1.HashRequest request, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> image = request.Image.Memory;
        Check(image);
        var how = new UploadOptions
        {
            Fidelity = MatchingMessages.Read(request.Fidelity, "fidelity"),
            Dihedral = request.Dihedral,
        };
        StageClock clock = telemetry.Start();
        telemetry.Received(image.Length);
        HashedUpload hashed = await admission.RunAsync(
            () =>
            {
                clock.End(Stage.Queue);
                return Hash(image, how, ref clock, cancellation);
            },
            cancellation);
        return MatchingMessages.Of(hashed, request);
    }

    /// <summary>Verdicts on ready-made hashes, in their order.</summary>
    public async Task<V1.MatchHashesResponse> MatchHashesAsync(
        IReadOnlyList<MatchQuery> queries, CancellationToken cancellation)
    {
        using IndexLease lease = readiness.Require();
        HashIndex index = lease.Index;
        var response = new V1.MatchHashesResponse();
        response.Results.Capacity = queries.Count;
        int unmatched = Match(queries, index, response, FirstSlice, cancellation);
        while (response.Results.Count < queries.Count)
        {
            unmatched += await admission.RunSliceAsync(
                () => Match(queries, index, response, Slice, cancellation), cancellation);
        }

        telemetry.CountBatch(queries.Count, unmatched);
        return response;
    }

    /// <summary>Zeroes a message's bytes once nothing reads them.</summary>
    public static void Zero(ByteString bytes)
    {
        // The message was parsed for this call alone: nothing else can see its array.
        if (MemoryMarshal.TryGetArray(bytes.Memory, out ArraySegment<byte> array))
        {
            array.AsSpan().Clear();
        }
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
    // are counted together.
    private int Match(
        IReadOnlyList<MatchQuery> queries,
        HashIndex index,
        V1.MatchHashesResponse response,
        TimeSpan slice,
        CancellationToken cancellation)
    {
        V1.ListVersionRef[] versions = [];
        IReadOnlyList<ListVersionRef>? named = null;
        long start = time.GetTimestamp();
        int unmatched = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            Verdict verdict = matcher.Decide(index, queries[response.Results.Count]);
            events.Record(verdict, "");
            if (UploadTelemetry.IsUnmatched(verdict))
            {
                unmatched++;
            }
            else
            {
                telemetry.Count(verdict);
            }

            // Most verdicts of an index name the same versions, in one array.
            if (!ReferenceEquals(named, verdict.ListVersions))
            {
                named = verdict.ListVersions;
                versions = MatchingMessages.Of(named);
            }

            response.Results.Add(MatchingMessages.Of(verdict, "", versions, options.Matcher.ShowSuppressed));
        }
        while (response.Results.Count < queries.Count
            && time.GetElapsedTime(start) < slice && !admission.IsSliceInTheWay);
        return unmatched;
    }

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
