using HashMatch.Cli.Verdicts;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using HashMatch.Uploads;

namespace HashMatch.Cli.Output;

/// <summary>What the tool's JSON looks like: names as in the protos, enum members without their prefix.</summary>
internal static class Documents
{
    public static object Of(Failure failure, string? file) => new
    {
        Error = new { failure.Reason, failure.Message, failure.Hint, File = file },
    };

    public static object Of(Failure failure, IReadOnlyList<HashListError> lines, long lineCount) => new
    {
        Error = new
        {
            failure.Reason,
            failure.Message,
            failure.Hint,
            Errors = lines.Select(Of).ToArray(),
            ErrorCount = lineCount,
        },
    };

    public static object Of(HashList list) => new
    {
        list.Name,
        list.Description,
        Policy = Of(list.Policy),
        list.ActiveVersion,
        Versions = list.Versions.Select(Of).ToArray(),
        list.CreatedAt,
        list.UpdatedAt,
        list.Revision,
        Quarantined = (list.Quarantined ?? []).Select(Of).ToArray(),
        Pending = list.Pending is { } pending
            ? new
            {
                pending.Revision,
                pending.By,
                pending.At,
                Deletes = pending.Update is null,
                Policy = pending.Update is { } update ? Of(update.Apply(list.Policy)) : null,
                pending.Update?.Description,
            }
            : null,
    };

    /// <summary>An entry in quarantine.</summary>
    public static object Of(QuarantinedEntry entry) => new
    {
        Type = EntryKey.TryParse(entry.Key, out EntryKey key) ? Words.Of(key.Type) : "",
        Value = entry.Key[(entry.Key.IndexOf(':', StringComparison.Ordinal) + 1)..],
        entry.Since,
        entry.Matches,
        entry.Expected,
    };

    /// <summary>A caller; its key where it was just made.</summary>
    public static object Of(StoredCaller caller, string? key = null) => new
    {
        caller.Name,
        caller.Definition.Roles,
        caller.Definition.Details,
        SeesDetails = caller.Definition.SeesDetails(),
        caller.Definition.Rate,
        caller.Definition.ExpiresAt,
        caller.Definition.Disabled,
        caller.Definition.CreatedAt,
        Keys = caller.Definition.Keys.Select(each => new { each.Id, each.CreatedAt, each.ExpiresAt }).ToArray(),
        Key = key,
    };

    public static object Of(MatchPolicy policy) => new
    {
        policy.Enabled,
        policy.Shadow,
        policy.MaxDistance,
        policy.MinQuality,
        policy.Trim,
        Action = Words.Of(policy.Action),
        Kind = Words.Of(policy.Kind),
        policy.ListClass,
        Suppresses = new { Names = policy.Suppresses.ToArray() },
        policy.SamplePercent,
        policy.MaxChangePercent,
        policy.Approvals,
        policy.DurableEvents,
        policy.ExpiresAt,
    };

    public static object Of(ListVersion version) => new
    {
        Version = version.Number,
        State = Words.Of(version.State),
        Entries = new
        {
            version.Entries.Pdq,
            version.Entries.Md5,
            version.Entries.Sha1,
            version.Entries.Sha256,
        },
        version.Duplicates,
        version.Skipped,
        version.Removed,
        LeftOut = (version.LeftOut ?? []).Select(item => new { item.Type, item.Count }).ToArray(),
        version.CreatedAt,
        version.ActivatedAt,
        version.Source,
        StagedBy = version.StagedBy ?? "",
        ApprovedBy = version.ApprovedBy ?? "",
        version.ApprovedAt,
        version.BasedOn,
    };

    public static object Of(HashListError error) => new { error.Line, error.Reason };

    public static object Of(ListChange change) => new { change.List, change.Revision, change.What, change.At };

    public static object Of(EditResult edit) => new
    {
        edit.Added,
        edit.Replaced,
        edit.Removed,
        edit.Missing,
        StagedVersion = edit.Staged,
        List = Of(edit.List),
    };

    public static object Of(string file, IndeterminateAnswer answer) => new
    {
        File = file,
        answer.VerdictId,
        Outcome = IndeterminateAnswer.Outcome,
        IndeterminateReason = answer.Reason,
        answer.Action,
    };

    public static object Of(string file, Verdict verdict) => new
    {
        File = file,
        VerdictId = verdict.Id,
        Outcome = Words.Of(verdict.Outcome),
        UnhashableReason = Of(verdict.Reason),
        Action = Words.Of(verdict.Action),
        Matches = verdict.Matches.Select(Of).ToArray(),
        verdict.Truncated,
        Suppressed = verdict.Suppressed.Where(each => !each.Shadow)
            .Select(each => new { Match = Of(each.Match), By = SuppressorOf(each) }).ToArray(),
        verdict.SuppressedTruncated,
        Hash = verdict.Hash?.ToString() ?? "",
        verdict.Quality,
        IndexGeneration = verdict.Generation,
        ListVersions = verdict.ListVersions.Select(item => new { item.List, item.Version }).ToArray(),
    };

    public static object Of(SnapshotList list) => new
    {
        list.Name,
        list.Version,
        Entries = new { list.Entries.Pdq, list.Entries.Md5, list.Entries.Sha1, list.Entries.Sha256 },
        list.ExportedAt,
    };

    /// <summary>What suppressed a match.</summary>
    public static object SuppressorOf(SuppressedMatch suppressed) => new
    {
        List = suppressed.ByList,
        ListVersion = suppressed.ByListVersion,
        ExternalId = suppressed.ByExternalId,
        Type = Words.Of(suppressed.ByType),
        Distance = suppressed.ByDistance,
        suppressed.Shadow,
    };

    /// <summary>A match; one that a server tells no more of has a class and an action alone.</summary>
    public static object Of(Match match) => match.List.Length == 0 ? OfClass(match) : new
    {
        match.List,
        match.ListVersion,
        match.ListClass,
        match.ExternalId,
        match.Classification,
        match.Severity,
        Type = Words.Of(match.Type),
        match.Distance,
        Orientation = Words.Of(match.Orientation),
        match.Frame,
        Rendition = Words.Of(match.Rendition),
        Action = Words.Of(match.Action),
    };

    private static object OfClass(Match match) => new { match.ListClass, Action = Words.Of(match.Action) };

    /// <summary>The hashes of one file.</summary>
    /// <param name="file">Its name as given.</param>
    /// <param name="upload">What hashing came to.</param>
    /// <param name="asStored">Whether to show the hashes of the pixels as stored.</param>
    /// <param name="dihedral">Whether to show all eight.</param>
    public static object Of(string file, HashedUpload upload, bool asStored, bool dihedral) => new
    {
        File = file,
        Hash = (asStored ? upload.AsStored : upload.Upright)?[Orientation.Original].ToString() ?? "",
        Quality = (asStored ? upload.AsStored : upload.Upright)?.Quality ?? 0,
        Dihedral = Eight(asStored ? upload.AsStored : upload.Upright, dihedral),
        Md5 = Convert.ToHexStringLower(upload.Query.Digests.Md5.Span),
        Sha1 = Convert.ToHexStringLower(upload.Query.Digests.Sha1.Span),
        Sha256 = Convert.ToHexStringLower(upload.Query.Digests.Sha256.Span),
        Format = upload.Format == Imaging.ImageFormat.Unknown ? "" : upload.Format.ToString().ToLowerInvariant(),
        upload.Width,
        upload.Height,
        UnhashableReason = Of(upload.Query.Reason),
        upload.Detail,
        Renditions = upload.Renditions.Select(each => Of(each, asStored, dihedral)).ToArray(),
        upload.FrameCount,
    };

    private static object Of(Imaging.Rendition rendition, bool asStored, bool dihedral)
    {
        DihedralHashes hashes = asStored ? rendition.AsStored : rendition.Upright;
        return new
        {
            rendition.Frame,
            Rendition = Words.Of(rendition.Kind),
            Hash = hashes[Orientation.Original].ToString(),
            hashes.Quality,
            Dihedral = Eight(hashes, dihedral),
        };
    }

    private static object[] Eight(DihedralHashes? hashes, bool dihedral) => dihedral && hashes is { } all
        ? [.. Enum.GetValues<Orientation>()
            .Select(each => new { Orientation = Words.Of(each), Hash = all[each].ToString() })]
        : [];

    private static string Of(UnhashableReason reason) =>
        reason == UnhashableReason.None ? "" : Words.Of(reason);
}
