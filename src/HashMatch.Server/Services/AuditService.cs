using System.Globalization;
using Grpc.Core;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Server.Errors;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The audit log, to read; audit.proto is its reference.</summary>
public sealed class AuditService(AuditLog log) : V1.Audit.AuditBase
{
    private const int DefaultPage = 100;

    public override async Task<V1.ListRecordsResponse> ListRecords(
        V1.ListRecordsRequest request, ServerCallContext context)
    {
        if (request.PageSize > AuditLog.MaxRecords)
        {
            throw RpcErrors.InvalidField(
                "page_size", string.Create(CultureInfo.InvariantCulture, $"must be 1 to {AuditLog.MaxRecords}"));
        }

        if (request.List.Length > 0 && ListCatalog.NameProblem(request.List) is { } problem)
        {
            throw RpcErrors.InvalidField("list", problem);
        }

        IReadOnlyList<AuditView> records = await log.ReadAsync(
            request.HasAfter ? ListMessages.Version(request.After) : -1,
            request.PageSize == 0 ? DefaultPage : (int)request.PageSize,
            request.List.Length == 0 ? null : AuditEntry.OfList(request.List),
            context.CancellationToken);
        return new V1.ListRecordsResponse { Records = { records.Select(AuditMessages.Of) } };
    }

    public override async Task<V1.GetCheckpointResponse> GetCheckpoint(
        V1.GetCheckpointRequest request, ServerCallContext context) =>
        AuditMessages.Of(await log.ReadCheckpointAsync(context.CancellationToken));
}
