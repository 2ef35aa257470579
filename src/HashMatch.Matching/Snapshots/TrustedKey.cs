using NSec.Cryptography;

namespace HashMatch.Matching.Snapshots;

/// <summary>The public half of a <see cref="SigningKey"/>.</summary>
public sealed class TrustedKey
{
    private readonly PublicKey _key;

    internal TrustedKey(PublicKey key) => _key = key;

    /// <summary>64 lower-case hex digits, which tell keys apart.</summary>
    public string Id => Convert.ToHexStringLower(Raw);

    internal byte[] Raw => _key.Export(KeyBlobFormat.RawPublicKey);

    /// <summary>Reads a public key in PEM; null when the bytes are none.</summary>
    public static TrustedKey? Read(ReadOnlySpan<byte> pem) => PublicKey.TryImport(
        SignatureAlgorithm.Ed25519, pem, KeyBlobFormat.PkixPublicKeyText, out PublicKey? key)
        && key is not null
        ? new TrustedKey(key)
        : null;

    /// <summary>The key in PEM.</summary>
    public byte[] ToPem() => _key.Export(KeyBlobFormat.PkixPublicKeyText);

    internal static TrustedKey? ReadRaw(ReadOnlySpan<byte> raw) => PublicKey.TryImport(
        SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out PublicKey? key)
        && key is not null
        ? new TrustedKey(key)
        : null;

    internal bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        SignatureAlgorithm.Ed25519.Verify(_key, data, signature);
}
