using System.Security.Cryptography;
using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Pdq;

namespace HashMatch.Uploads;

/// <summary>Upload bytes to <see cref="MatchQuery"/>. Never throws on bad bytes; safe for concurrent use.</summary>
public sealed class UploadHasher(ImageDecoder decoder)
{
    /// <summary>
    /// Hashes one upload on the calling thread. The upright picture is looked up; when EXIF turns the stored pixels,
    /// these are too, since other services hash them as stored.
    /// </summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="options">Fidelity, orientations, digests.</param>
    /// <param name="cancellation">Ends the decode; the upload is then unhashable, TimedOut.</param>
    public HashedUpload Hash(ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        Digests digests = Digest(image.Span, options);
        using DecodeResult decoded = decoder.Decode(image, options.Fidelity, cancellation);
        if (decoded.Luma is null)
        {
            return new HashedUpload
            {
                Query = new MatchQuery { Reason = ReasonOf(decoded.Status), Digests = digests },
                Format = decoded.Format,
                Width = decoded.Width,
                Height = decoded.Height,
                Detail = decoded.Detail,
            };
        }

        DihedralHashes stored = PdqHasher.HashDihedral(decoded.Luma, options.Fidelity);
        DihedralHashes upright = stored;
        if (decoded.Upright != Orientation.Original)
        {
            // Orientations derived from one DCT are some 10 bits off; a phone's photographs deserve better.
            using Luma turned = decoded.Luma.Turned(decoded.Upright);
            upright = PdqHasher.HashDihedral(turned, options.Fidelity);
        }

        return new HashedUpload
        {
            Query = new MatchQuery
            {
                Hashes = Select(stored, upright, Dihedral.Inverse(decoded.Upright), options.Dihedral),
                Quality = stored.Quality,
                Digests = digests,
            },
            Format = decoded.Format,
            Width = decoded.Width,
            Height = decoded.Height,
            AsStored = stored,
            Upright = upright,
        };
    }

    private static OrientedHash[] Select(
        DihedralHashes stored, DihedralHashes upright, Orientation asStored, bool all) =>
        [
            .. Enum.GetValues<Orientation>()
                .Where(orientation => all || orientation == Orientation.Original || orientation == asStored)
                .Select(orientation => new OrientedHash(
                    orientation == asStored ? stored[Orientation.Original] : upright[orientation], orientation)),
        ];

    // The lists choose the algorithms: programmes still exchange MD5 and SHA-1.
#pragma warning disable CA5350, CA5351
    private static Digests Digest(ReadOnlySpan<byte> image, UploadOptions options) => new(
        options.Md5 ? MD5.HashData(image) : default(ReadOnlyMemory<byte>),
        options.Sha1 ? SHA1.HashData(image) : default(ReadOnlyMemory<byte>),
        options.Sha256 ? SHA256.HashData(image) : default(ReadOnlyMemory<byte>));
#pragma warning restore CA5350, CA5351

    private static UnhashableReason ReasonOf(DecodeStatus status) => status switch
    {
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
