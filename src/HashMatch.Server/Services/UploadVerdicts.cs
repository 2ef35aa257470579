using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Recording;
using HashMatch.Server.Replica;
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
        Check(image);
        using IndexLease lease = readiness.Require();
        HashIndex index = lease.Index;
        UploadOptions how = MatchingMessages.Read(given, index.Holds, index.Trims);
        string reference = given?.Reference ?? "";
        Verdict verdict = await admission.RunAsync(
            () =>
            {
                HashedUpload hashed = hasher.Hash(image, how, cancellation);
                // A decode that the caller's own deadline ended says nothing about the upload.
                cancellation.ThrowIfCancellationRequested();
                return matcher.Decide(index, hashed.Query);
            },
            cancellation);
        events.Record(verdict, reference);
        return MatchingMessages.Of(verdict, reference, options.Matcher.ShowSuppressed);
    }

    /// <summary>Hashes an upload that has a place, without a look-up.</summary>
    /// <inheritdoc cref="MatchAsync"/>
    public async Task<V1.HashResponse> HashAsync(
        ReadOnlyMemory<byte> image, V1.HashRequest request, CancellationToken cancellation)
    {
        Check(image);
        var how = new UploadOptions
        {
            Fidelity = MatchingMessages.Read(request.Fidelity, "fidelity"),
            Dihedral = request.Dihedral,
        };
        HashedUpload hashed = await admission.RunAsync(() => hasher.Hash(image, how, cancellation), cancellation);
        cancellation.ThrowIfCancellationRequested();
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
        Match(queries, index, response, FirstSlice, cancellation);
        while (response.Results.Count < queries.Count)
        {
            await admission.RunSliceAsync(() => Match(queries, index, response, Slice, cancellation), cancellation);
        }

        return response;
    }

    // Goes on where the response ends, for one slice of time.
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
        do
        {
            cancellation.ThrowIfCancellationRequested();
            Verdict verdict = matcher.Decide(index, queries[response.Results.Count]);
            events.Record(verdict, "");
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
        return response.Results.Count;
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
