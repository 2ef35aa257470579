using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace HashMatch.Matching.Recovery;

/// <summary>The key of saved lists: 32 bytes for XChaCha20-Poly1305, held in locked memory until it is disposed.
/// </summary>
public sealed class SnapshotKey : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    internal const int NonceBytes = 24;
    internal const int TagBytes = 16;
    internal const int IdDigits = IdBytes * 2;
    private const int IdBytes = 8;

    private static readonly XChaCha20Poly1305 Algorithm = AeadAlgorithm.XChaCha20Poly1305;

    private readonly Key _key;

    private SnapshotKey(Key key, string id) => (_key, Id) = (key, id);

    /// <summary>Tells keys apart and nothing of them: 16 hex digits.</summary>
    public string Id { get; }

    /// <summary>A key from a file's content: 32 bytes as they are, or in 64 hex digits or in base64, with a line's end
    /// or without.</summary>
    /// <param name="file">Zeroed here.</param>
    /// <returns>Null when it is none of them.</returns>
    public static SnapshotKey? Read(byte[] file)
    {
        ArgumentNullException.ThrowIfNull(file);
        byte[]? raw = file.Length == KeyBytes ? [.. file] : Decode(Encoding.Latin1.GetString(file).Trim());
        CryptographicOperations.ZeroMemory(file);
        if (raw is not { Length: KeyBytes })
        {
            return null;
        }

        byte[] id = SHA256.HashData([.. "hashmatch saved lists, key id\n"u8, .. raw]);
        Key key = Key.Import(Algorithm, raw, KeyBlobFormat.RawSymmetricKey);
        CryptographicOperations.ZeroMemory(raw);
        return new SnapshotKey(key, Convert.ToHexStringLower(id.AsSpan(0, IdBytes)));
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();

    internal void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> context, ReadOnlySpan<byte> content, Span<byte> destination) =>
        Algorithm.Encrypt(_key, nonce, context, content, destination);

    internal bool Open(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> context, ReadOnlySpan<byte> cipher, Span<byte> destination) =>
        Algorithm.Decrypt(_key, nonce, context, cipher, destination);

    private static byte[]? Decode(string text)
    {
        try
        {
            return text.Length == KeyBytes * 2 ? Convert.FromHexString(text) : Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
