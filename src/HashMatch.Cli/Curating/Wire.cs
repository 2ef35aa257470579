using Google.Protobuf.WellKnownTypes;
using HashMatch.Cli.Output;
using HashMatch.Cli.Verdicts;
using HashMatch.Matching;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Cli.Curating;

/// <summary>The protos' messages to and from the domain's types.</summary>
internal static class Wire
{
    public static HashList ListOf(Proto.V1.HashList list) => new()
    {
        Name = list.Name,
        Id = Guid.Empty,
        Description = list.Description,
        Policy = PolicyOf(list.Policy ?? new Proto.V1.Policy()),
        ActiveVersion = (long)list.ActiveVersion,
        Versions = [.. list.Versions.Select(VersionOf)],
        CreatedAt = list.CreatedAt?.ToDateTimeOffset() ?? default,
        UpdatedAt = list.UpdatedAt?.ToDateTimeOffset() ?? default,
        Revision = (long)list.Revision,
        Quarantined = list.Quarantined.Count == 0 ? null : [.. list.Quarantined.Select(QuarantinedOf)],
        Pending = list.Pending is { } pending ? PendingOf(pending) : null,
    };

    /// <summary>A record of the audit log.</summary>
    public static AuditView RecordOf(Proto.V1.AuditRecord record) => new(
        (long)record.Sequence,
        AuditRecord.Decode(record.Record.Span),
        record.Effect == Proto.V1.AuditEffect.Unspecified
            ? AuditEffect.Unknown
            : (AuditEffect)((int)record.Effect - 1));

    public static ListVersion VersionOf(Proto.V1.ListVersion version) => new()
    {
        Number = (long)version.Version,
        State = version.State switch
        {
            Proto.V1.VersionState.Active => VersionState.Active,
            Proto.V1.VersionState.Retired => VersionState.Retired,
            _ => VersionState.Staged,
        },
        Entries = new EntryCounts
        {
            Pdq = (long)(version.Entries?.Pdq ?? 0),
            Md5 = (long)(version.Entries?.Md5 ?? 0),
            Sha1 = (long)(version.Entries?.Sha1 ?? 0),
            Sha256 = (long)(version.Entries?.Sha256 ?? 0),
        },
        Duplicates = (long)version.Duplicates,
        Skipped = (long)version.Skipped,
        CreatedAt = version.CreatedAt?.ToDateTimeOffset() ?? default,
        ActivatedAt = version.ActivatedAt?.ToDateTimeOffset(),
        Source = version.Source,
        Removed = (long)version.Removed,
        LeftOut = version.LeftOut.Count == 0
            ? null
            : [.. version.LeftOut.Select(item => new LeftOutCount(item.Type, (long)item.Count))],
        StagedBy = version.StagedBy.Length == 0 ? null : version.StagedBy,
        ApprovedBy = version.ApprovedBy.Length == 0 ? null : version.ApprovedBy,
        ApprovedAt = version.ApprovedAt?.ToDateTimeOffset(),
        BasedOn = (long)version.BasedOn,
        ManifestId = "",
    };

    public static Proto.V1.Policy PolicyOf(MatchPolicy policy) => new()
    {
        Enabled = policy.Enabled,
        Shadow = policy.Shadow,
        MaxDistance = (uint)policy.MaxDistance,
        MinQuality = (uint)policy.MinQuality,
        Trim = policy.Trim,
        Action = ActionOf(policy.Action),
        Kind = KindOf(policy.Kind),
        ListClass = policy.ListClass,
        Suppresses = NamesOf(policy.Suppresses),
        SamplePercent = (uint)policy.SamplePercent,
        MaxChangePercent = (uint)policy.MaxChangePercent,
        Approvals = (uint)policy.Approvals,
        DurableEvents = policy.DurableEvents,
        ExpiresAt = policy.ExpiresAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
    };

    public static Proto.V1.UpdateListRequest UpdateOf(string name, ListUpdate update)
    {
        var request = new Proto.V1.UpdateListRequest
        {
            Name = name,
            ExpectedRevision = (ulong)(update.ExpectedRevision ?? 0),
            Policy = new Proto.V1.Policy(),
        };
        if (update.Description is not null)
        {
            request.Description = update.Description;
        }

        if (update.Enabled is { } enabled)
        {
            request.Policy.Enabled = enabled;
        }

        if (update.Shadow is { } shadow)
        {
            request.Policy.Shadow = shadow;
        }

        if (update.MaxDistance is { } maxDistance)
        {
            request.Policy.MaxDistance = (uint)maxDistance;
        }

        if (update.MinQuality is { } minQuality)
        {
            request.Policy.MinQuality = (uint)minQuality;
        }

        if (update.Trim is { } trim)
        {
            request.Policy.Trim = trim;
        }

        if (update.Action is { } action)
        {
            request.Policy.Action = ActionOf(action);
        }

        if (update.Kind is { } kind)
        {
            request.Policy.Kind = KindOf(kind);
        }

        if (update.MaxChangePercent is { } change)
        {
            request.Policy.MaxChangePercent = (uint)change;
        }

        if (update.Approvals is { } approvals)
        {
            request.Policy.Approvals = (uint)approvals;
        }

        if (update.SamplePercent is { } percent)
        {
            request.Policy.SamplePercent = (uint)percent;
        }

        if (update.ListClass is { } listClass)
        {
            request.Policy.ListClass = listClass;
        }

        if (update.DurableEvents is { } durable)
        {
            request.Policy.DurableEvents = durable;
        }

        request.Policy.Suppresses = update.Suppresses is { } names ? NamesOf(names) : null;
        request.Policy.ExpiresAt = update.ExpiresAt is { } at ? Timestamp.FromDateTimeOffset(at) : null;

        return request;
    }

    public static Proto.V1.Entry EntryOf(HashEntry entry) => new()
    {
        Type = TypeOf(entry.Type),
        Value = entry.Value.ToHex(entry.Type),
        ExternalId = entry.ExternalId,
        Classification = entry.Classification,
        Severity = entry.Severity,
        ExpiresAt = entry.ExpiresAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Note = entry.Note,
    };

    /// <summary>A line that is no error and nothing that is left out.</summary>
    public static Proto.V1.Entry EntryOf(in ListLine line)
    {
        Proto.V1.Entry entry = line.Entry is not null ? EntryOf(line.Entry) : new Proto.V1.Entry();
        if (line.Removed is { } key)
        {
            entry.Op = Proto.V1.EntryOp.Delete;
            (entry.Type, entry.Value) = (TypeOf(key.Type), key.Value.ToHex(key.Type));
        }

        entry.Op = line.VoidsRecord ? Proto.V1.EntryOp.Restate : entry.Op;
        entry.Record = line.Record ?? "";
        entry.Line = (ulong)line.Line;
        return entry;
    }

    public static Proto.V1.EntryKey KeyOf(EntryKey key) => new()
    {
        Type = TypeOf(key.Type),
        Value = key.Value.ToHex(key.Type),
    };

    public static UploadAnswer AnswerOf(Proto.V1.MatchResponse response) =>
        response.Outcome == Proto.V1.Outcome.Indeterminate
            ? new UploadAnswer(null, new IndeterminateAnswer(
                response.VerdictId, Words.Of(response.IndeterminateReason), Words.Of(response.Action)))
            : new UploadAnswer(VerdictOf(response), null);

    public static Verdict VerdictOf(Proto.V1.MatchResponse response) => new()
    {
        Id = response.VerdictId,
        Time = default,
        Outcome = response.Outcome switch
        {
            Proto.V1.Outcome.Exact => Outcome.Exact,
            Proto.V1.Outcome.Near => Outcome.Near,
            Proto.V1.Outcome.NoKnownMatch => Outcome.NoKnownMatch,
            Proto.V1.Outcome.Unhashable => Outcome.Unhashable,
            _ => throw new FailureException(new Failure(
                "UNKNOWN_OUTCOME", "The server's outcome is unknown to this tool.", "Use a tool of its version.")),
        },

        // The protos number reasons, orientations and renditions as the domain does, the last two one up.
        Reason = (UnhashableReason)(int)response.UnhashableReason,
        Action = ActionOf(response.Action),
        Matches = [.. response.Matches.Select(MatchOf)],
        Truncated = response.Truncated,
        Suppressed = [.. response.Suppressed.Select(each => SuppressedOf(each.Match, each.By, false))],
        SuppressedTruncated = response.SuppressedTruncated,
        Hash = PdqHash.TryParse(response.Hash, out PdqHash hash) ? hash : null,
        Quality = (int)response.Quality,
        Generation = (long)response.IndexGeneration,
        ListVersions = [.. response.ListVersions.Select(item => new ListVersionRef(item.List, (long)item.Version))],
    };

    public static Match MatchOf(Proto.V1.Match match) => new()
    {
        List = match.List,
        ListVersion = (long)match.ListVersion,
        ListClass = match.ListClass,
        ExternalId = match.ExternalId,
        Classification = match.Classification,
        Severity = match.Severity,
        Type = (HashType)(int)match.Type,
        Distance = (int)match.Distance,
        Orientation = (Orientation)Math.Max((int)match.Orientation - 1, 0),
        Frame = (int)match.Frame,
        Rendition = (QueryRendition)Math.Max((int)match.Rendition - 1, 0),
        Action = ActionOf(match.Action),
    };

    private static QuarantinedEntry QuarantinedOf(Proto.V1.QuarantinedEntry entry)
    {
        HashType type = (HashType)(int)(entry.Key?.Type ?? default);
        return new QuarantinedEntry(
            HashValue.TryParse(System.Enum.IsDefined(type) ? type : HashType.Pdq, entry.Key?.Value, out HashValue value)
                ? new EntryKey(type, value).ToString()
                : "",
            entry.Since?.ToDateTimeOffset() ?? default,
            (long)entry.Matches,
            entry.Expected);
    }

    private static PendingChange PendingOf(Proto.V1.PendingChange pending) => new()
    {
        Revision = (long)pending.Revision,
        By = pending.By,
        At = pending.At?.ToDateTimeOffset() ?? default,
        Update = pending.Deletes
            ? null
            : ListUpdate.Of(PolicyOf(pending.Policy ?? new Proto.V1.Policy())) with
            {
                Description = pending.HasDescription ? pending.Description : null,
            },
    };

    /// <param name="match">What would have matched.</param>
    /// <param name="by">What suppressed it.</param>
    /// <param name="shadow">Whether the match is one of a shadow list.</param>
    public static SuppressedMatch SuppressedOf(Proto.V1.Match match, Proto.V1.Suppressor by, bool shadow) => new()
    {
        Match = MatchOf(match),
        MatchIsShadow = shadow,
        ByList = by.List,
        ByListVersion = (long)by.ListVersion,
        ByExternalId = by.ExternalId,
        ByType = (HashType)(int)by.Type,
        ByDistance = (int)by.Distance,
        Shadow = by.Shadow,
    };

    private static MatchPolicy PolicyOf(Proto.V1.Policy policy) => new()
    {
        Enabled = policy.Enabled,
        Shadow = policy.Shadow,
        MaxDistance = (int)policy.MaxDistance,
        MinQuality = (int)policy.MinQuality,
        Trim = !policy.HasTrim || policy.Trim,
        Action = ActionOf(policy.Action),
        Kind = (ListKind)Math.Max((int)policy.Kind - 1, 0),
        ListClass = policy.ListClass,
        Suppresses = new ListNames(policy.Suppresses?.Names ?? []),
        SamplePercent = policy.HasSamplePercent ? (int)policy.SamplePercent : 100,
        MaxChangePercent = policy.HasMaxChangePercent
            ? (int)policy.MaxChangePercent
            : MatchPolicy.DefaultMaxChangePercent,
        Approvals = (int)policy.Approvals,
        DurableEvents = policy.DurableEvents,
        ExpiresAt = policy.ExpiresAt?.ToDateTimeOffset(),
    };

    private static Proto.V1.ListKind KindOf(ListKind kind) => (Proto.V1.ListKind)((int)kind + 1);

    private static Proto.V1.ListNames NamesOf(ListNames names) => new() { Names = { names } };

    private static Proto.V1.HashType TypeOf(HashType type) => (Proto.V1.HashType)(int)type;

    private static Proto.V1.Action ActionOf(MatchAction action) => action switch
    {
        MatchAction.Block => Proto.V1.Action.Block,
        MatchAction.Review => Proto.V1.Action.Review,
        _ => Proto.V1.Action.Allow,
    };

    private static MatchAction ActionOf(Proto.V1.Action action) => action switch
    {
        Proto.V1.Action.Block => MatchAction.Block,
        Proto.V1.Action.Review => MatchAction.Review,
        _ => MatchAction.Allow,
    };
}
