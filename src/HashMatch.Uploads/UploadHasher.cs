using System.Diagnostics;
using System.Security.Cryptography;
using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Pdq;

namespace HashMatch.Uploads;

/// <summary>Upload bytes to <see cref="MatchQuery"/>. Never throws on bad bytes; safe for concurrent use.</summary>
public sealed class UploadHasher(ImageDecoder decoder)
{
    /// <summary>
    /// Hashes one upload on the calling thread. Every rendition is looked up upright; when EXIF turns the stored
    /// pixels, these are too, since other services hash them as stored.
    /// </summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="options">Fidelity, orientations, renditions, digests.</param>
    /// <param name="cancellation">Ends the decode; the upload is then unhashable, TimedOut.</param>
    public HashedUpload Hash(ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return HashBytes(image, options, cancellation);
        }
        finally
        {
            StackScrub.Run();
        }
    }

    private HashedUpload HashBytes(ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation)
    {
        Digests digests = Digest(image.Span, options);
        long digestedAt = Stopwatch.GetTimestamp();
        var how = new HashOptions
        {
            Fidelity = options.Fidelity,
            Trim = options.Trim,
            MaxFrames = decoder.Limits.MaxFrames,
        };
        ImageHashes hashed = decoder.Hash(image, how, cancellation);
        Orientation asStored = Dihedral.Inverse(hashed.Upright);
        return new HashedUpload
        {
            Query = new MatchQuery
            {
                Hashes = [.. hashed.Renditions.SelectMany(r => Select(r, asStored, options.Dihedral))],
                Reason = ReasonOf(hashed.Status),
                Digests = digests,
            },
            Format = hashed.Format,
            Width = hashed.Width,
            Height = hashed.Height,
            Detail = hashed.Detail,
            DigestedAt = digestedAt,
            FrameCount = hashed.FrameCount,
            Renditions = hashed.Renditions,
        };
    }

    private static IEnumerable<QueryHash> Select(Rendition rendition, Orientation asStored, bool all)
    {
        QueryRendition kind = Of(rendition.Kind);
        foreach (Orientation orientation in Enum.GetValues<Orientation>())
        {
            // The pixels as stored have a hash of their own; one derived from the upright picture's is some bits off.
            DihedralHashes hashes = orientation == asStored ? rendition.AsStored : rendition.Upright;
            if (all || orientation == Orientation.Original || orientation == asStored)
            {
                PdqHash hash = hashes[orientation == asStored ? Orientation.Original : orientation];
                yield return new QueryHash(hash, orientation, hashes.Quality, rendition.Frame, kind);
            }
        }
    }

    private static QueryRendition Of(RenditionKind kind) => kind switch
    {
        RenditionKind.Whole => QueryRendition.Whole,
        RenditionKind.OverWhite => QueryRendition.OverWhite,
        RenditionKind.OverBlack => QueryRendition.OverBlack,
        RenditionKind.Trimmed => QueryRendition.Trimmed,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    // The lists choose the algorithms: programmes still exchange MD5 and SHA-1.
#pragma warning disable CA5350, CA5351
    private static Digests Digest(ReadOnlySpan<byte> image, UploadOptions options) => new(
        options.Md5 ? MD5.HashData(image) : default(ReadOnlyMemory<byte>),
        options.Sha1 ? SHA1.HashData(image) : default(ReadOnlyMemory<byte>),
        options.Sha256 ? SHA256.HashData(image) : default(ReadOnlyMemory<byte>));
#pragma warning restore CA5350, CA5351

    private static UnhashableReason ReasonOf(DecodeStatus status) => status switch
    {
        DecodeStatus.Ok => UnhashableReason.None,
        DecodeStatus.UnsupportedFormat => UnhashableReason.UnsupportedFormat,
        DecodeStatus.Corrupt => UnhashableReason.Corrupt,
        DecodeStatus.Truncated => UnhashableReason.Truncated,
        DecodeStatus.TooManyPixels => UnhashableReason.TooManyPixels,
        DecodeStatus.TooManyBytes => UnhashableReason.TooManyBytes,
        DecodeStatus.TooSmall => UnhashableReason.TooSmall,
        DecodeStatus.TimedOut => UnhashableReason.TimedOut,
        DecodeStatus.DecoderFailed => UnhashableReason.DecoderFailed,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
