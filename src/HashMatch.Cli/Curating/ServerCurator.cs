using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Curating;

/// <summary>Curates lists through a server's HashLists service.</summary>
/// <param name="channel">To the server; closed with this.</param>
/// <param name="address">Names the server.</param>
internal sealed class ServerCurator(GrpcChannel channel, string address) : ICurator
{
    private readonly GrpcChannel _channel = channel;

    public string Description => address;

    private Proto.V1.HashLists.HashListsClient Lists => new(_channel);

    public async Task<IReadOnlyList<HashList>> ReadAllAsync(CancellationToken cancellation)
    {
        Proto.V1.ListListsResponse response =
            await Lists.ListListsAsync(new Proto.V1.ListListsRequest(), cancellationToken: cancellation);
        return [.. response.Lists.Select(Wire.ListOf)];
    }

    public Task<CatalogResult<HashList>> ReadAsync(string name, CancellationToken cancellation) => ListAsync(
        Lists.GetListAsync(new Proto.V1.GetListRequest { Name = name }, cancellationToken: cancellation));

    public Task<IReadOnlyList<ListChange>?> ReadChangesAsync(string name, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ListChange>?>(null);

    public Task<CatalogResult<HashList>> CreateAsync(
        string name, string description, MatchPolicy policy, CancellationToken cancellation) => ListAsync(
        Lists.CreateListAsync(
            new Proto.V1.CreateListRequest { Name = name, Description = description, Policy = Wire.PolicyOf(policy) },
            cancellationToken: cancellation));

    public Task<CatalogResult<HashList>> UpdateAsync(
        string name, ListUpdate update, CancellationToken cancellation) => ListAsync(
        Lists.UpdateListAsync(Wire.UpdateOf(name, update), cancellationToken: cancellation));

    public async Task<CatalogResult<HashList>> DeleteAsync(
        string name, long? expectedRevision, CancellationToken cancellation)
    {
        CatalogResult<HashList> list = await ReadAsync(name, cancellation);
        if (!list.IsOk)
        {
            return list;
        }

        var request = new Proto.V1.DeleteListRequest
        {
            Name = name,
            ExpectedRevision = (ulong)(expectedRevision ?? 0),
        };
        return await CallAsync(
            Lists.DeleteListAsync(request, cancellationToken: cancellation),
            response => response.Pending is { } pending ? Wire.ListOf(pending) : list.Value);
    }

    public async Task<CatalogResult<StageResult>> StageAsync(
        string name,
        IAsyncEnumerable<ListLine> lines,
        StageOptions options,
        IProgress<long>? progress,
        CancellationToken cancellation)
    {
        using AsyncClientStreamingCall<Proto.V1.StageVersionRequest, Proto.V1.StageVersionResponse> call =
            Lists.StageVersion(cancellationToken: cancellation);
        var staging = new StagingStream(call, options, progress);
        try
        {
            return await staging.SendAsync(name, lines, cancellation);
        }
        catch (RpcException exception) when (RefusalOf(exception) is { } refusal)
        {
            IReadOnlyList<HashListError> errors =
                StagingStream.LinesOf(exception.GetRpcStatus()?.GetDetail<BadRequest>());
            return refusal == CatalogError.Invalid && errors.Count > 0
                ? new StageResult(null, errors, errors.Count)
                : new CatalogResult<StageResult>(null, refusal, exception.Status.Detail, "");
        }
    }

    public Task<CatalogResult<HashList>> ActivateAsync(
        string name, long version, long? expectedActive, bool force, CancellationToken cancellation)
    {
        var request = new Proto.V1.ActivateVersionRequest { Name = name, Version = (ulong)version, Force = force };
        if (expectedActive is { } expected)
        {
            request.ExpectedActiveVersion = (ulong)expected;
        }

        return ListAsync(Lists.ActivateVersionAsync(request, cancellationToken: cancellation));
    }

    public Task<CatalogResult<HashList>> ApproveVersionAsync(
        string name, long version, CancellationToken cancellation) => ListAsync(
        Lists.ApproveVersionAsync(
            new Proto.V1.ApproveVersionRequest { Name = name, Version = (ulong)version },
            cancellationToken: cancellation));

    public async Task<CatalogResult<HashList>> ApproveChangeAsync(
        string name, long revision, CancellationToken cancellation)
    {
        CatalogResult<HashList> list = await ReadAsync(name, cancellation);
        return !list.IsOk
            ? list
            : await CallAsync(
                Lists.ApproveChangeAsync(
                    new Proto.V1.ApproveChangeRequest { Name = name, Revision = (ulong)revision },
                    cancellationToken: cancellation),
                response => response.List is { } changed ? Wire.ListOf(changed) : list.Value);
    }

    public Task<CatalogResult<HashList>> RejectChangeAsync(
        string name, long revision, CancellationToken cancellation) => ListAsync(
        Lists.RejectChangeAsync(
            new Proto.V1.RejectChangeRequest { Name = name, Revision = (ulong)revision },
            cancellationToken: cancellation));

    public Task<CatalogResult<HashList>> RollBackAsync(
        string name, long? toVersion, long? expectedActive, CancellationToken cancellation)
    {
        var request = new Proto.V1.RollBackRequest { Name = name, ToVersion = (ulong)(toVersion ?? 0) };
        if (expectedActive is { } expected)
        {
            request.ExpectedActiveVersion = (ulong)expected;
        }

        return ListAsync(Lists.RollBackAsync(request, cancellationToken: cancellation));
    }

    public Task<CatalogResult<HashList>> RetireAsync(string name, long version, CancellationToken cancellation) =>
        ListAsync(Lists.RetireVersionAsync(
            new Proto.V1.RetireVersionRequest { Name = name, Version = (ulong)version },
            cancellationToken: cancellation));

    public Task<CatalogResult<HashList>> DeleteVersionAsync(
        string name, long version, CancellationToken cancellation) => ListAsync(
        Lists.DeleteVersionAsync(
            new Proto.V1.DeleteVersionRequest { Name = name, Version = (ulong)version },
            cancellationToken: cancellation));

    public Task<CatalogResult<EditResult>> AddEntriesAsync(
        string name, IReadOnlyList<HashEntry> entries, bool force, CancellationToken cancellation)
    {
        var request = new Proto.V1.AddEntriesRequest { Name = name, Force = force };
        request.Entries.AddRange(entries.Select(Wire.EntryOf));
        return CallAsync(Lists.AddEntriesAsync(request, cancellationToken: cancellation), EditOf);
    }

    public Task<CatalogResult<EditResult>> RemoveEntriesAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation)
    {
        var request = new Proto.V1.RemoveEntriesRequest { Name = name };
        request.Keys.AddRange(keys.Select(Wire.KeyOf));
        return CallAsync(Lists.RemoveEntriesAsync(request, cancellationToken: cancellation), EditOf);
    }

    public Task<CatalogResult<HashList>> ReleaseAsync(
        string name, IReadOnlyList<EntryKey> keys, CancellationToken cancellation)
    {
        var request = new Proto.V1.ReleaseEntriesRequest { Name = name };
        request.Keys.AddRange(keys.Select(Wire.KeyOf));
        return ListAsync(Lists.ReleaseEntriesAsync(request, cancellationToken: cancellation));
    }

    public async Task<IReadOnlyList<AuditView>> ReadAuditAsync(
        long after, int limit, string? list, CancellationToken cancellation)
    {
        var request = new Proto.V1.ListRecordsRequest { PageSize = (uint)limit, List = list ?? "" };
        if (after >= 0)
        {
            request.After = (ulong)after;
        }

        Proto.V1.ListRecordsResponse response = await new Proto.V1.Audit.AuditClient(_channel).ListRecordsAsync(
            request, cancellationToken: cancellation);
        return [.. response.Records.Select(Wire.RecordOf)];
    }

    public async Task<IReadOnlyList<Proto.V1.MatchEvent>> ReadEventsAsync(
        string after, int limit, CancellationToken cancellation)
    {
        Proto.V1.ListEventsResponse response = await new Proto.V1.Events.EventsClient(_channel).ListEventsAsync(
            new Proto.V1.ListEventsRequest { After = after, PageSize = (uint)limit }, cancellationToken: cancellation);
        return response.Events;
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private static EditResult EditOf(Proto.V1.EditEntriesResponse response) => new(
        Wire.ListOf(response.List),
        (long)response.Added,
        (long)response.Replaced,
        (long)response.Removed,
        (long)response.Missing)
    {
        Staged = (long)response.StagedVersion,
    };

    private static Task<CatalogResult<HashList>> ListAsync(AsyncUnaryCall<Proto.V1.HashList> call) =>
        CallAsync(call, Wire.ListOf);

    private static async Task<CatalogResult<TValue>> CallAsync<TResponse, TValue>(
        AsyncUnaryCall<TResponse> call, Func<TResponse, TValue> read)
        where TValue : class
    {
        using (call)
        {
            try
            {
                return read(await call);
            }
            catch (RpcException exception) when (RefusalOf(exception) is { } refusal)
            {
                string field = exception.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations
                    .FirstOrDefault()?.Field ?? "";
                return new CatalogResult<TValue>(null, refusal, exception.Status.Detail, field);
            }
        }
    }

    private static CatalogError? RefusalOf(RpcException exception)
    {
        string? reason = exception.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;
        foreach (CatalogError error in Enum.GetValues<CatalogError>())
        {
            if (error != CatalogError.None && reason == Output.Words.Of(error))
            {
                return error;
            }
        }

        return exception.StatusCode == StatusCode.InvalidArgument ? CatalogError.Invalid : null;
    }
}
