using System.Collections.Frozen;
using HashMatch.Matching.Access;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Access;

/// <summary>Which roles may make which call. A call without a row is refused to everybody.</summary>
public static class Permissions
{
    private const CallerRoles Matcher = CallerRoles.Matcher;
    private const CallerRoles Editor = CallerRoles.ListEditor;
    private const CallerRoles Approver = CallerRoles.ListApprover;
    private const CallerRoles Auditor = CallerRoles.Auditor;

    private static readonly FrozenDictionary<string, CallRight> Rows = new Dictionary<string, CallRight>
    {
        [Name(V1.Matching.Descriptor, "Match")] = new(Matcher),
        [Name(V1.Matching.Descriptor, "MatchUpload")] = new(Matcher),
        [Name(V1.Matching.Descriptor, "MatchStream")] = new(Matcher),
        [Name(V1.Matching.Descriptor, "MatchHashes")] = new(Matcher),
        // What a hash is to somebody who may not see how near it is, is a step of a search.
        [Name(V1.Matching.Descriptor, "Hash")] = new(Matcher | Editor, NeedsDetails: true),
        [Name(V1.HashLists.Descriptor, "ListLists")] = new(Editor | Approver | Auditor),
        [Name(V1.HashLists.Descriptor, "GetList")] = new(Editor | Approver | Auditor),
        [Name(V1.HashLists.Descriptor, "CreateList")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "UpdateList")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "DeleteList")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "StageVersion")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "ActivateVersion")] = new(Editor | Approver),
        [Name(V1.HashLists.Descriptor, "ApproveVersion")] = new(Approver),
        [Name(V1.HashLists.Descriptor, "ApproveChange")] = new(Approver),
        [Name(V1.HashLists.Descriptor, "RejectChange")] = new(Editor | Approver),
        [Name(V1.HashLists.Descriptor, "RollBack")] = new(Editor | Approver),
        [Name(V1.HashLists.Descriptor, "RetireVersion")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "DeleteVersion")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "AddEntries")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "RemoveEntries")] = new(Editor),
        [Name(V1.HashLists.Descriptor, "ReleaseEntries")] = new(Editor),
        [Name(V1.Events.Descriptor, "ListEvents")] = new(Auditor),
        [Name(V1.Audit.Descriptor, "ListRecords")] = new(Auditor),
        [Name(V1.Audit.Descriptor, "GetCheckpoint")] = new(Auditor),
    }.ToFrozenDictionary();

    /// <summary>The row of a call; null when it has none.</summary>
    /// <param name="method">Its full name, such as `/hashmatch.v1.Matching/Match`.</param>
    public static CallRight? Of(string method) => Rows.GetValueOrDefault(method);

    private static string Name(Google.Protobuf.Reflection.ServiceDescriptor service, string method) =>
        $"/{service.FullName}/{method}";
}
