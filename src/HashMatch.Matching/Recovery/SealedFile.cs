using System.Security.Cryptography;
using System.Text;

namespace HashMatch.Matching.Recovery;

/// <summary>
/// One file of saved lists: 8 bytes of magic, 1 of how (0 plain, 1 encrypted), 7 of zero; then, encrypted, a nonce of
/// 24 bytes and the content with its tag (XChaCha20-Poly1305), or, plain, the content and its SHA-256. Head and name
/// are authenticated too, so a file passes for no other.
/// </summary>
internal static class SealedFile
{
    /// <summary>What a file is larger than its content.</summary>
    public const int MostOverheadBytes = HeadBytes + SnapshotKey.NonceBytes + SnapshotKey.TagBytes;

    private const int HeadBytes = 16;
    private const int ModeAt = 8;
    private const byte Plain = 0;
    private const byte Encrypted = 1;

    private static ReadOnlySpan<byte> Magic => "HMSAVED1"u8;

    /// <summary>The length of the file of a content.</summary>
    public static long LengthOf(int contentBytes, SnapshotKey? key) => contentBytes
        + (key is null ? HeadBytes + SHA256.HashSizeInBytes : MostOverheadBytes);

    /// <summary>A file's bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="key">Null: not encrypted.</param>
    public static byte[] Encode(string name, ReadOnlySpan<byte> content, SnapshotKey? key)
    {
        byte[] file = new byte[LengthOf(content.Length, key)];
        Magic.CopyTo(file);
        file[ModeAt] = key is null ? Plain : Encrypted;
        Span<byte> body = file.AsSpan(HeadBytes);
        if (key is null)
        {
            content.CopyTo(body);
            Sum(file.AsSpan(0, HeadBytes), name, content, body[content.Length..]);
            return file;
        }

        Span<byte> nonce = body[..SnapshotKey.NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        key.Seal(nonce, Context(file, name), content, body[SnapshotKey.NonceBytes..]);
        return file;
    }

    /// <summary>A file's content; null when it is cut off, altered, another file's, or sealed by another key.</summary>
    public static byte[]? Decode(string name, ReadOnlySpan<byte> file, SnapshotKey? key)
    {
        long bytes = file.Length - LengthOf(0, key);
        if (bytes < 0 || !file.StartsWith(Magic) || file[ModeAt] != (key is null ? Plain : Encrypted))
        {
            return null;
        }

        byte[] content = new byte[bytes];
        ReadOnlySpan<byte> body = file[HeadBytes..];
        if (key is not null)
        {
            return key.Open(
                body[..SnapshotKey.NonceBytes], Context(file, name), body[SnapshotKey.NonceBytes..], content)
                ? content
                : null;
        }

        body[..content.Length].CopyTo(content);
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        Sum(file[..HeadBytes], name, content, sum);
        return sum.SequenceEqual(body[content.Length..]) ? content : null;
    }

    private static byte[] Context(ReadOnlySpan<byte> file, string name) =>
        [.. file[..HeadBytes], .. Encoding.UTF8.GetBytes(name)];

    private static void Sum(
        ReadOnlySpan<byte> head, string name, ReadOnlySpan<byte> content, Span<byte> destination)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Context(head, name));
        hash.AppendData(content);
        hash.GetHashAndReset(destination);
    }
}
