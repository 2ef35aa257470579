using Google.Protobuf.WellKnownTypes;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Server.Errors;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The control plane's messages at the edge.</summary>
public static class ListMessages
{
    private const string TimeProblem = "must be a time from the year 1 to 9999";

    /// <summary>A policy; what is not given is the default.</summary>
    public static MatchPolicy ReadPolicy(V1.Policy? policy)
    {
        var defaults = new MatchPolicy();
        return policy is null
            ? defaults
            : defaults with
            {
                Enabled = policy.HasEnabled ? policy.Enabled : defaults.Enabled,
                Shadow = policy.HasShadow ? policy.Shadow : defaults.Shadow,
                MaxDistance = policy.HasMaxDistance ? Number(policy.MaxDistance) : defaults.MaxDistance,
                MinQuality = policy.HasMinQuality ? Number(policy.MinQuality) : defaults.MinQuality,
                Trim = policy.HasTrim ? policy.Trim : defaults.Trim,
                Action = Read(policy.Action) ?? defaults.Action,
                Kind = Read(policy.Kind) ?? defaults.Kind,
                ListClass = policy.HasListClass ? policy.ListClass : defaults.ListClass,
                Suppresses = Read(policy.Suppresses) ?? defaults.Suppresses,
                SamplePercent = policy.HasSamplePercent ? Number(policy.SamplePercent) : defaults.SamplePercent,
                MaxChangePercent =
                    policy.HasMaxChangePercent ? Number(policy.MaxChangePercent) : defaults.MaxChangePercent,
                Approvals = policy.HasApprovals ? Number(policy.Approvals) : defaults.Approvals,
                DurableEvents = policy.DurableEvents,
                ExpiresAt = ReadExpiry(policy.ExpiresAt) is { } at && at != DateTimeOffset.UnixEpoch ? at : null,
            };
    }

    /// <summary>A change of a list; what is not given stays.</summary>
    public static ListUpdate Read(V1.UpdateListRequest request)
    {
        V1.Policy policy = request.Policy ?? new V1.Policy();
        return new ListUpdate
        {
            Description = request.HasDescription ? request.Description : null,
            Enabled = policy.HasEnabled ? policy.Enabled : null,
            Shadow = policy.HasShadow ? policy.Shadow : null,
            MaxDistance = policy.HasMaxDistance ? Number(policy.MaxDistance) : null,
            MinQuality = policy.HasMinQuality ? Number(policy.MinQuality) : null,
            Trim = policy.HasTrim ? policy.Trim : null,
            Action = Read(policy.Action),
            Kind = Read(policy.Kind),
            ListClass = policy.HasListClass ? policy.ListClass : null,
            Suppresses = Read(policy.Suppresses),
            SamplePercent = policy.HasSamplePercent ? Number(policy.SamplePercent) : null,
            MaxChangePercent = policy.HasMaxChangePercent ? Number(policy.MaxChangePercent) : null,
            Approvals = policy.HasApprovals ? Number(policy.Approvals) : null,
            DurableEvents = policy.HasDurableEvents ? policy.DurableEvents : null,
            ExpiresAt = ReadExpiry(policy.ExpiresAt),
            ExpectedRevision = Revision(request.ExpectedRevision),
        };
    }

    /// <summary>A revision or a version that 0 leaves open.</summary>
    public static long? Revision(ulong number) => number == 0 ? null : Version(number);

    /// <summary>A version number; one that no list can have stays one that no list has.</summary>
    public static long Version(ulong number) => (long)Math.Min(number, long.MaxValue);

    /// <summary>One entry of a stream.</summary>
    /// <param name="entry">What it holds is checked here, its lengths by the catalog.</param>
    /// <param name="position">Its place in the stream, from 1.</param>
    public static ListLine Read(V1.Entry entry, long position)
    {
        long line = entry.Line == 0 ? position : Version(entry.Line);
        string? record = entry.Record.Length == 0 ? null : entry.Record;
        switch (entry.Op)
        {
            case V1.EntryOp.Unspecified or V1.EntryOp.Upsert:
                (HashEntry? read, string? error, _) = TryRead(entry);
                return new ListLine(line, read, error) { Record = read is null ? null : record };
            case V1.EntryOp.Delete when record is null:
                (EntryKey key, string? wrong, _) = TryRead(entry.Type, entry.Value);
                return new ListLine(line, null, wrong) { Removed = wrong is null ? key : null };
            case V1.EntryOp.Restate when record is not null:
                return new ListLine(line, null, null) { Record = record };
            default:
                return new ListLine(line, null, "op must be UPSERT, DELETE without a record, or RESTATE with one");
        }
    }

    /// <summary>What a caller left out.</summary>
    public static ListLine Read(V1.LeftOut leftOut, long position) =>
        new(position, null, null) { LeftOut = new LeftOutCount(leftOut.Type, Version(leftOut.Count)) };

    /// <summary>The entries of an edit.</summary>
    /// <exception cref="Grpc.Core.RpcException">One of them is bad.</exception>
    public static HashEntry[] Read(IReadOnlyList<V1.Entry> entries)
    {
        var read = new HashEntry[entries.Count];
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Op is not (V1.EntryOp.Unspecified or V1.EntryOp.Upsert) || entries[i].Record.Length > 0)
            {
                throw RpcErrors.InvalidField($"entries[{i}].op", "is for StageVersion: RemoveEntries removes entries");
            }

            (HashEntry? entry, string? error, string field) = TryRead(entries[i]);
            read[i] = entry ?? throw RpcErrors.InvalidField($"entries[{i}].{field}", error!);
        }

        return read;
    }

    /// <summary>The keys of an edit.</summary>
    /// <exception cref="Grpc.Core.RpcException">One of them is bad.</exception>
    public static EntryKey[] Read(IReadOnlyList<V1.EntryKey> keys)
    {
        var read = new EntryKey[keys.Count];
        for (int i = 0; i < keys.Count; i++)
        {
            (read[i], string? error, string field) = TryRead(keys[i].Type, keys[i].Value);
            if (error is not null)
            {
                throw RpcErrors.InvalidField($"keys[{i}].{field}", error);
            }
        }

        return read;
    }

    public static V1.HashList Of(HashList list) => new()
    {
        Name = list.Name,
        Description = list.Description,
        Policy = Of(list.Policy),
        ActiveVersion = (ulong)list.ActiveVersion,
        Versions = { list.Versions.Select(Of) },
        CreatedAt = Timestamp.FromDateTimeOffset(list.CreatedAt),
        UpdatedAt = Timestamp.FromDateTimeOffset(list.UpdatedAt),
        Revision = (ulong)list.Revision,
        Quarantined = { (list.Quarantined ?? []).Select(Of) },
        Pending = list.Pending is { } pending ? Of(pending, list.Policy) : null,
    };

    private static V1.Policy Of(MatchPolicy policy) => new()
    {
        Enabled = policy.Enabled,
        Shadow = policy.Shadow,
        MaxDistance = (uint)policy.MaxDistance,
        MinQuality = (uint)policy.MinQuality,
        Trim = policy.Trim,
        Action = MatchingMessages.Of(policy.Action),
        Kind = (V1.ListKind)((int)policy.Kind + 1),
        ListClass = policy.ListClass,
        Suppresses = new V1.ListNames { Names = { policy.Suppresses } },
        SamplePercent = (uint)policy.SamplePercent,
        MaxChangePercent = (uint)policy.MaxChangePercent,
        Approvals = (uint)policy.Approvals,
        DurableEvents = policy.DurableEvents,
        ExpiresAt = policy.ExpiresAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
    };

    private static V1.PendingChange Of(PendingChange pending, MatchPolicy policy)
    {
        var message = new V1.PendingChange
        {
            Revision = (ulong)pending.Revision,
            By = pending.By,
            At = Timestamp.FromDateTimeOffset(pending.At),
            Deletes = pending.Update is null,
            Policy = pending.Update is { } update ? Of(update.Apply(policy)) : null,
        };
        if (pending.Update?.Description is { } description)
        {
            message.Description = description;
        }

        return message;
    }

    public static V1.ListVersion Of(ListVersion version) => new()
    {
        Version = (ulong)version.Number,
        State = version.State switch
        {
            VersionState.Staged => V1.VersionState.Staged,
            VersionState.Active => V1.VersionState.Active,
            VersionState.Retired => V1.VersionState.Retired,
            _ => throw new ArgumentOutOfRangeException(nameof(version)),
        },
        Entries = new V1.EntryCounts
        {
            Pdq = (ulong)version.Entries.Pdq,
            Md5 = (ulong)version.Entries.Md5,
            Sha1 = (ulong)version.Entries.Sha1,
            Sha256 = (ulong)version.Entries.Sha256,
        },
        Duplicates = (ulong)version.Duplicates,
        Skipped = (ulong)version.Skipped,
        CreatedAt = Timestamp.FromDateTimeOffset(version.CreatedAt),
        ActivatedAt = version.ActivatedAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        Source = version.Source,
        Removed = (ulong)version.Removed,
        LeftOut =
        {
            (version.LeftOut ?? []).Select(item => new V1.LeftOut { Type = item.Type, Count = (ulong)item.Count }),
        },
        StagedBy = version.StagedBy ?? "",
        ApprovedBy = version.ApprovedBy ?? "",
        ApprovedAt = version.ApprovedAt is { } approved ? Timestamp.FromDateTimeOffset(approved) : null,
        BasedOn = (ulong)version.BasedOn,
    };

    public static V1.EditEntriesResponse Of(EditResult result) => new()
    {
        List = Of(result.List),
        Added = (ulong)result.Added,
        Replaced = (ulong)result.Replaced,
        Removed = (ulong)result.Removed,
        Missing = (ulong)result.Missing,
        StagedVersion = (ulong)result.Staged,
    };

    public static V1.StageVersionResponse Of(ListVersion version, IReadOnlyList<HashListError> errors) => new()
    {
        Version = Of(version),
        Errors = { errors.Select(e => new V1.EntryError { Position = (ulong)e.Line, Reason = e.Reason }) },
    };

    private static V1.QuarantinedEntry Of(QuarantinedEntry entry) => new()
    {
        Key = EntryKey.TryParse(entry.Key, out EntryKey key)
            ? new V1.EntryKey { Type = MatchingMessages.Of(key.Type), Value = key.Value.ToHex(key.Type) }
            : null,
        Since = Timestamp.FromDateTimeOffset(entry.Since),
        Matches = (ulong)entry.Matches,
        Expected = entry.Expected,
    };

    private static int Number(uint value) => (int)Math.Min(value, int.MaxValue);

    private static MatchAction? Read(V1.Action action) => action switch
    {
        V1.Action.Unspecified => null,
        V1.Action.Review => MatchAction.Review,
        V1.Action.Block => MatchAction.Block,
        _ => throw RpcErrors.InvalidField("policy.action", "must be REVIEW or BLOCK"),
    };

    private static ListKind? Read(V1.ListKind kind) => kind switch
    {
        V1.ListKind.Unspecified => null,
        V1.ListKind.Match => ListKind.Match,
        V1.ListKind.Negative => ListKind.Negative,
        V1.ListKind.Canary => ListKind.Canary,
        _ => throw RpcErrors.InvalidField("policy.kind", "must be MATCH, NEGATIVE or CANARY"),
    };

    // JSON and lying clients can carry times that no calendar has.
    private static bool IsTime(Timestamp at) =>
        at.Nanos is >= 0 and <= 999_999_999
        && at.Seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
        && at.Seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static DateTimeOffset? ReadExpiry(Timestamp? at) => at is null ? null
        : IsTime(at) ? DateTimeOffset.FromUnixTimeSeconds(at.Seconds)
        : throw RpcErrors.InvalidField("policy.expires_at", TimeProblem);

    private static ListNames? Read(V1.ListNames? names) => names is null ? null : new ListNames(names.Names);

    private static (HashEntry? Entry, string? Error, string Field) TryRead(V1.Entry entry)
    {
        (EntryKey key, string? error, string field) = TryRead(entry.Type, entry.Value);
        if (error is not null)
        {
            return (null, error, field);
        }

        if (entry.ExpiresAt is { } at && !IsTime(at))
        {
            return (null, TimeProblem, "expires_at");
        }

        DateTimeOffset? expires =
            entry.ExpiresAt is { } when ? DateTimeOffset.FromUnixTimeSeconds(when.Seconds) : null;

        return (new HashEntry
        {
            Type = key.Type,
            Value = key.Value,
            ExternalId = entry.ExternalId,
            Classification = entry.Classification,
            Severity = entry.Severity,
            ExpiresAt = expires,
            Note = entry.Note,
        }, null, "");
    }

    private static (EntryKey Key, string? Error, string Field) TryRead(V1.HashType type, string text)
    {
        if (type is not (V1.HashType.Pdq or V1.HashType.Md5 or V1.HashType.Sha1 or V1.HashType.Sha256))
        {
            return (default, "must be PDQ, MD5, SHA1 or SHA256", "type");
        }

        var known = (HashType)(int)type;
        return HashValue.TryParse(known, text, out HashValue value)
            ? (new EntryKey(known, value), null, "")
            : (default, $"must be {HashValue.ByteCount(known) * 2} hex digits", "value");
    }
}
