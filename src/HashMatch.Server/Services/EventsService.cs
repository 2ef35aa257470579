using Grpc.Core;
using HashMatch.Matching.Stores;
using HashMatch.Server.Errors;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The record of matches; events.proto is its reference.</summary>
public sealed class EventsService(IListStore store) : V1.Events.EventsBase
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1000;

    public override async Task<V1.ListEventsResponse> ListEvents(
        V1.ListEventsRequest request, ServerCallContext context)
    {
        if (request.PageSize > MaxPageSize)
        {
            throw RpcErrors.InvalidField("page_size", $"must be at most {MaxPageSize}");
        }

        int limit = request.PageSize == 0 ? DefaultPageSize : (int)request.PageSize;
        try
        {
            IReadOnlyList<StoredEvent> events = await store.ReadEventsAsync(
                request.After.Length == 0 ? null : request.After, limit, context.CancellationToken);
            return new V1.ListEventsResponse { Events = { events.Select(EventMessages.Read) } };
        }
        catch (FormatException)
        {
            throw RpcErrors.InvalidField("after", "is not a cursor of this server's store");
        }
    }
}
