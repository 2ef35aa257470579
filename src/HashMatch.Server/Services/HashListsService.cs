using System.Globalization;
using System.Runtime.CompilerServices;
using Grpc.Core;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Server.Access;
using HashMatch.Server.Errors;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The control plane; lists.proto is its reference.</summary>
public sealed class HashListsService(ListCatalog catalog) : V1.HashLists.HashListsBase
{
    /// <summary>Entries of one batch of a stream.</summary>
    public const int MaxBatchEntries = 8192;

    public override async Task<V1.HashList> CreateList(V1.CreateListRequest request, ServerCallContext context) =>
        Answer(await For(context).CreateAsync(
            request.Name, request.Description, ListMessages.ReadPolicy(request.Policy), context.CancellationToken));

    public override async Task<V1.ListListsResponse> ListLists(
        V1.ListListsRequest request, ServerCallContext context) => new()
        {
            Lists = { (await catalog.ReadAllAsync(context.CancellationToken)).Select(ListMessages.Of) },
        };

    public override async Task<V1.HashList> GetList(V1.GetListRequest request, ServerCallContext context) =>
        Answer(await catalog.ReadAsync(request.Name, context.CancellationToken));

    public override async Task<V1.HashList> UpdateList(V1.UpdateListRequest request, ServerCallContext context) =>
        Answer(await For(context).UpdateAsync(request.Name, ListMessages.Read(request), context.CancellationToken));

    public override async Task<V1.DeleteListResponse> DeleteList(
        V1.DeleteListRequest request, ServerCallContext context)
    {
        HashList list = Value(await For(context).DeleteAsync(
            request.Name, ListMessages.Revision(request.ExpectedRevision), context.CancellationToken));
        return list.Pending is { Update: null }
            ? new V1.DeleteListResponse { Pending = ListMessages.Of(list) }
            : new V1.DeleteListResponse();
    }

    public override async Task<V1.StageVersionResponse> StageVersion(
        IAsyncStreamReader<V1.StageVersionRequest> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken)
            || requestStream.Current.Header is not { } header)
        {
            throw RpcErrors.InvalidField("header", "must be the first message");
        }

        await CheckStoreAsync(header.List, context.CancellationToken);
        StageResult result = Value(await For(context).StageAsync(
            header.List,
            ReadEntriesAsync(requestStream, context.CancellationToken),
            new StageOptions
            {
                Source = header.Source,
                SkipInvalid = header.SkipInvalid,
                OntoVersion = ListMessages.Version(header.OntoVersion),
                Force = header.Force,
            },
            progress: null,
            context.CancellationToken));
        return result.Version is { } version
            ? ListMessages.Of(version, result.Errors)
            : throw RpcErrors.InvalidEntries("entries", result.Errors, result.ErrorCount);
    }

    public override async Task<V1.HashList> ActivateVersion(
        V1.ActivateVersionRequest request, ServerCallContext context) =>
        Answer(await For(context).ActivateAsync(
            request.Name,
            ListMessages.Version(request.Version),
            request.HasExpectedActiveVersion ? ListMessages.Version(request.ExpectedActiveVersion) : null,
            request.Force,
            context.CancellationToken));

    public override async Task<V1.HashList> ApproveVersion(
        V1.ApproveVersionRequest request, ServerCallContext context) =>
        Answer(await For(context).ApproveVersionAsync(
            request.Name, ListMessages.Version(request.Version), context.CancellationToken));

    public override async Task<V1.ApproveChangeResponse> ApproveChange(
        V1.ApproveChangeRequest request, ServerCallContext context)
    {
        HashList list = Value(await For(context).ApproveChangeAsync(
            request.Name, ListMessages.Version(request.Revision), context.CancellationToken));
        return list.Pending is { Update: null }
            ? new V1.ApproveChangeResponse()
            : new V1.ApproveChangeResponse { List = ListMessages.Of(list) };
    }

    public override async Task<V1.HashList> RejectChange(
        V1.RejectChangeRequest request, ServerCallContext context) =>
        Answer(await For(context).RejectChangeAsync(
            request.Name, ListMessages.Version(request.Revision), context.CancellationToken));

    public override async Task<V1.HashList> RollBack(V1.RollBackRequest request, ServerCallContext context) =>
        Answer(await For(context).RollBackAsync(
            request.Name,
            ListMessages.Revision(request.ToVersion),
            request.HasExpectedActiveVersion ? ListMessages.Version(request.ExpectedActiveVersion) : null,
            context.CancellationToken));

    public override async Task<V1.HashList> RetireVersion(
        V1.RetireVersionRequest request, ServerCallContext context) =>
        Answer(await For(context).RetireAsync(
            request.Name, ListMessages.Version(request.Version), context.CancellationToken));

    public override async Task<V1.HashList> DeleteVersion(
        V1.DeleteVersionRequest request, ServerCallContext context) =>
        Answer(await For(context).DeleteVersionAsync(
            request.Name, ListMessages.Version(request.Version), context.CancellationToken));

    public override async Task<V1.EditEntriesResponse> AddEntries(
        V1.AddEntriesRequest request, ServerCallContext context)
    {
        CheckEdit("entries", request.Entries.Count);
        return ListMessages.Of(Value(await For(context).AddEntriesAsync(
            request.Name, ListMessages.Read(request.Entries), request.Force, context.CancellationToken)));
    }

    public override async Task<V1.EditEntriesResponse> RemoveEntries(
        V1.RemoveEntriesRequest request, ServerCallContext context)
    {
        CheckEdit("keys", request.Keys.Count);
        return ListMessages.Of(Value(await For(context).RemoveEntriesAsync(
            request.Name, ListMessages.Read(request.Keys), context.CancellationToken)));
    }

    public override async Task<V1.HashList> ReleaseEntries(
        V1.ReleaseEntriesRequest request, ServerCallContext context)
    {
        if (request.Keys.Count is 0 or > ListCatalog.MaxQuarantined)
        {
            throw RpcErrors.InvalidField(
                "keys", request.Keys.Count == 0 ? "must not be empty" : AtMost(ListCatalog.MaxQuarantined));
        }

        return Answer(await For(context).ReleaseAsync(
            request.Name, ListMessages.Read(request.Keys), context.CancellationToken));
    }

    private ListCatalog For(ServerCallContext context) => catalog.As(Callers.NameOf(context));

    private static async IAsyncEnumerable<ListLine> ReadEntriesAsync(
        IAsyncStreamReader<V1.StageVersionRequest> requests,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        long position = 0;
        while (await requests.MoveNext(cancellation))
        {
            if (requests.Current.Batch is not { } batch)
            {
                throw RpcErrors.InvalidField("batch", "must be in every message but the first");
            }

            if (batch.Entries.Count > MaxBatchEntries)
            {
                throw RpcErrors.InvalidField("batch.entries", AtMost(MaxBatchEntries));
            }

            foreach (V1.Entry entry in batch.Entries)
            {
                yield return ListMessages.Read(entry, ++position);
            }

            foreach (V1.LeftOut leftOut in batch.LeftOut)
            {
                yield return ListMessages.Read(leftOut, position);
            }
        }
    }

    // A load waits out a store's stalls, but is not begun in one.
    private async Task CheckStoreAsync(string list, CancellationToken cancellation)
    {
        StorePatience.Shorten();
        _ = await catalog.ReadAsync(list, cancellation);
    }

    private static void CheckEdit(string field, int count)
    {
        if (count is 0 or > ListCatalog.MaxEditEntries)
        {
            throw RpcErrors.InvalidField(field, count == 0 ? "must not be empty" : AtMost(ListCatalog.MaxEditEntries));
        }
    }

    private static string AtMost(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"must be at most {count}");

    private static V1.HashList Answer(CatalogResult<HashList> result) => ListMessages.Of(Value(result));

    private static T Value<T>(CatalogResult<T> result)
        where T : class =>
        result.IsOk ? result.Value : throw RpcErrors.Refused(result.Error, result.Message, result.Field);
}
