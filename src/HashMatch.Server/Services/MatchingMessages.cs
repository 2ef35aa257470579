using System.Globalization;
using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Pdq;
using HashMatch.Server.Errors;
using HashMatch.Uploads;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The data plane's messages at the edge. Bad fields are INVALID_ARGUMENT with the field's name.</summary>
public static class MatchingMessages
{
    /// <summary>Characters of a reference.</summary>
    public const int MaxReferenceLength = 128;

    /// <summary>How an upload is hashed for a look-up, by the caller's options; null stands for the defaults.</summary>
    /// <param name="options">Checked here.</param>
    /// <param name="digests">Whether a digest of this type is worth computing.</param>
    /// <param name="trim">Whether any list is matched by pictures without their border.</param>
    public static UploadOptions Read(V1.MatchOptions? options, Func<HashType, bool> digests, bool trim = true)
    {
        Check(options);
        return new UploadOptions
        {
            Fidelity = Read(options?.Fidelity ?? default, "options.fidelity"),
            Dihedral = options?.Dihedral ?? false,
            Trim = trim,
            Md5 = digests(HashType.Md5),
            Sha1 = digests(HashType.Sha1),
            Sha256 = digests(HashType.Sha256),
        };
    }

    /// <summary>Refuses options that are out of their ranges.</summary>
    public static void Check(V1.MatchOptions? options)
    {
        if (options is null)
        {
            return;
        }

        if (options.Reference.Length > MaxReferenceLength
            && options.Reference.EnumerateRunes().Count() > MaxReferenceLength)
        {
            throw RpcErrors.InvalidField("options.reference", $"must be at most {MaxReferenceLength} characters");
        }

        _ = Read(options.Fidelity, "options.fidelity");
        Check(options.WhenIndeterminate, "options.when_indeterminate");
    }

    /// <summary>Refuses what is none of the values.</summary>
    public static void Check(V1.WhenIndeterminate asked, string field)
    {
        if (!Enum.IsDefined(asked))
        {
            throw RpcErrors.InvalidField(field, "must be HOLD, ALLOW or REVIEW");
        }
    }

    /// <summary>A fidelity; unspecified is Fast.</summary>
    public static PdqFidelity Read(V1.Fidelity fidelity, string field) => fidelity switch
    {
        V1.Fidelity.Unspecified or V1.Fidelity.Fast => PdqFidelity.Fast,
        V1.Fidelity.Reference => PdqFidelity.Reference,
        _ => throw RpcErrors.InvalidField(field, "is not a fidelity"),
    };

    /// <summary>A ready-made hash or digest.</summary>
    /// <param name="query">Checked here.</param>
    /// <param name="place">Its place among the queries, from 0.</param>
    public static MatchQuery Read(V1.HashQuery query, int place)
    {
        if (query.HasQuality && query.Quality > 100)
        {
            throw RpcErrors.InvalidField(Field(place, "quality"), "must be 0 to 100");
        }

        switch (query.ValueCase)
        {
            case V1.HashQuery.ValueOneofCase.Pdq:
                return Query(ReadHex(HashType.Pdq, query.Pdq, place, "pdq").ToPdq(), query);
            case V1.HashQuery.ValueOneofCase.PdqBytes:
                return query.PdqBytes.Length == PdqHash.ByteCount
                    ? Query(PdqHash.Read(query.PdqBytes.Span), query)
                    : throw RpcErrors.InvalidField(Field(place, "pdq_bytes"), $"must be {PdqHash.ByteCount} bytes");
            case V1.HashQuery.ValueOneofCase.Md5:
                return Query(Digests.None with { Md5 = ReadDigest(HashType.Md5, query.Md5, place, "md5") });
            case V1.HashQuery.ValueOneofCase.Sha1:
                return Query(Digests.None with { Sha1 = ReadDigest(HashType.Sha1, query.Sha1, place, "sha1") });
            case V1.HashQuery.ValueOneofCase.Sha256:
                return Query(
                    Digests.None with { Sha256 = ReadDigest(HashType.Sha256, query.Sha256, place, "sha256") });
            default:
                throw RpcErrors.InvalidField(Field(place, "value"), "a hash or a digest must be given");
        }
    }

    /// <summary>A verdict for its caller. Shadow matches stay behind.</summary>
    public static V1.MatchResponse Of(Verdict verdict, string reference, bool details) =>
        Of(verdict, reference, Of(verdict.ListVersions), details);

    /// <inheritdoc cref="Of(Verdict, string, bool)"/>
    /// <param name="verdict">Of any upload or query.</param>
    /// <param name="reference">As in the request.</param>
    /// <param name="versions">Those of the verdict; all verdicts of a batch share these messages.</param>
    /// <param name="details">Whether the caller may see more than what it is to do: which entries matched, how near,
    /// what was suppressed, and the upload's own hash.</param>
    public static V1.MatchResponse Of(
        Verdict verdict, string reference, V1.ListVersionRef[] versions, bool details)
    {
        var response = new V1.MatchResponse
        {
            VerdictId = verdict.Id,
            Outcome = Of(verdict.Outcome),
            UnhashableReason = Of(verdict.Reason),
            Action = Of(verdict.Action),
            IndexGeneration = (ulong)verdict.Generation,
            Reference = reference,
        };
        if (details)
        {
            AddDetails(response, verdict);
        }
        else
        {
            foreach (ClassMatch match in verdict.ByClass)
            {
                response.Matches.Add(new V1.Match { ListClass = match.ListClass, Action = Of(match.Action) });
            }
        }

        // Left to itself a repeated field makes room for eight.
        response.ListVersions.Capacity = versions.Length;
        response.ListVersions.AddRange(versions);
        return response;
    }

    private static void AddDetails(V1.MatchResponse response, Verdict verdict)
    {
        response.Truncated = verdict.Truncated;
        response.Hash = verdict.Hash?.ToString() ?? "";
        response.Quality = (uint)verdict.Quality;
        foreach (Match match in verdict.Matches)
        {
            response.Matches.Add(Of(match));
        }

        response.Suppressed.AddRange(verdict.Suppressed.Where(each => !each.Shadow).Select(Of));
        response.SuppressedTruncated = verdict.SuppressedTruncated;
    }

    /// <summary>The versions that were looked up.</summary>
    public static V1.ListVersionRef[] Of(IReadOnlyList<ListVersionRef> versions) =>
        [.. versions.Select(v => new V1.ListVersionRef { List = v.List, Version = (ulong)v.Version })];

    /// <summary>What became of an upload that was hashed only.</summary>
    public static V1.HashResponse Of(HashedUpload upload, V1.HashRequest request)
    {
        DihedralHashes? hashes = request.AsStored ? upload.AsStored : upload.Upright;
        var response = new V1.HashResponse
        {
            Hash = hashes?[Orientation.Original].ToString() ?? "",
            Quality = (uint)(hashes?.Quality ?? 0),
            Md5 = Convert.ToHexStringLower(upload.Query.Digests.Md5.Span),
            Sha1 = Convert.ToHexStringLower(upload.Query.Digests.Sha1.Span),
            Sha256 = Convert.ToHexStringLower(upload.Query.Digests.Sha256.Span),
            Format = upload.Format == ImageFormat.Unknown ? "" : upload.Format.ToString().ToLowerInvariant(),
            Width = (uint)upload.Width,
            Height = (uint)upload.Height,
            UnhashableReason = Of(upload.Query.Reason),
            Renditions = { upload.Renditions.Select(rendition => Of(rendition, request)) },
            FrameCount = (uint)upload.FrameCount,
        };
        if (request.Dihedral && hashes is { } all)
        {
            response.Dihedral.AddRange(Eight(all));
        }

        return response;
    }

    public static V1.Match Of(Match match) => new()
    {
        List = match.List,
        ListVersion = (ulong)match.ListVersion,
        ListClass = match.ListClass,
        ExternalId = match.ExternalId,
        Classification = match.Classification,
        Severity = match.Severity,
        Type = Of(match.Type),
        Distance = (uint)match.Distance,
        Orientation = Of(match.Orientation),
        Action = Of(match.Action),
        Frame = (uint)match.Frame,
        Rendition = Of(match.Rendition),
    };

    /// <summary>What suppressed a match.</summary>
    public static V1.Suppressor SuppressorOf(SuppressedMatch suppressed) => new()
    {
        List = suppressed.ByList,
        ListVersion = (ulong)suppressed.ByListVersion,
        ExternalId = suppressed.ByExternalId,
        Type = Of(suppressed.ByType),
        Distance = (uint)suppressed.ByDistance,
        Shadow = suppressed.Shadow,
    };

    public static V1.Outcome Of(Outcome outcome) => outcome switch
    {
        Outcome.NoKnownMatch => V1.Outcome.NoKnownMatch,
        Outcome.Exact => V1.Outcome.Exact,
        Outcome.Near => V1.Outcome.Near,
        Outcome.Unhashable => V1.Outcome.Unhashable,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public static V1.Action Of(MatchAction action) => action switch
    {
        MatchAction.Allow => V1.Action.Allow,
        MatchAction.Review => V1.Action.Review,
        MatchAction.Block => V1.Action.Block,
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    // The messages' values are the domain's, one up: 0 is UNSPECIFIED there. A test holds the names together.
    public static V1.Orientation Of(Orientation orientation) => (V1.Orientation)((int)orientation + 1);

    public static V1.Rendition Of(QueryRendition rendition) => (V1.Rendition)((int)rendition + 1);

    public static V1.Rendition Of(RenditionKind rendition) => (V1.Rendition)((int)rendition + 1);

    public static V1.UnhashableReason Of(UnhashableReason reason) => (V1.UnhashableReason)(int)reason;

    public static V1.HashType Of(HashType type) => (V1.HashType)(int)type;

    private static V1.SuppressedMatch Of(SuppressedMatch suppressed) => new()
    {
        Match = Of(suppressed.Match),
        By = SuppressorOf(suppressed),
    };

    private static V1.HashedRendition Of(Rendition rendition, V1.HashRequest request)
    {
        DihedralHashes hashes = request.AsStored ? rendition.AsStored : rendition.Upright;
        return new V1.HashedRendition
        {
            Frame = (uint)rendition.Frame,
            Rendition = Of(rendition.Kind),
            Hash = hashes[Orientation.Original].ToString(),
            Quality = (uint)hashes.Quality,
            Dihedral = { request.Dihedral ? Eight(hashes) : [] },
        };
    }

    private static IEnumerable<V1.OrientedHash> Eight(DihedralHashes hashes) => Enum.GetValues<Orientation>().Select(
        o => new V1.OrientedHash { Orientation = Of(o), Hash = hashes[o].ToString() });

    private static string Field(int place, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"queries[{place}].{name}");

    private static HashValue ReadHex(HashType type, string text, int place, string name) =>
        HashValue.TryParse(type, text, out HashValue value)
            ? value
            : throw RpcErrors.InvalidField(Field(place, name), $"must be {HashValue.ByteCount(type) * 2} hex digits");

    private static byte[] ReadDigest(HashType type, string text, int place, string name)
    {
        byte[] digest = new byte[HashValue.ByteCount(type)];
        ReadHex(type, text, place, name).Write(digest);
        return digest;
    }

    private static MatchQuery Query(PdqHash hash, V1.HashQuery query) => new()
    {
        Hashes = [new QueryHash(hash, Orientation.Original, query.HasQuality ? (int)query.Quality : 100)],
    };

    private static MatchQuery Query(Digests digests) => new() { Digests = digests };
}
