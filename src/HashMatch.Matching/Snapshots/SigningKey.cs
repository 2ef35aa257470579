using NSec.Cryptography;

namespace HashMatch.Matching.Snapshots;

/// <summary>An Ed25519 key that signs snapshots. Its text form is PEM (PKIX), as other tools write it.</summary>
public sealed class SigningKey : IDisposable
{
    internal const int PublicKeyBytes = 32;

    private readonly Key _key;

    private SigningKey(Key key) => _key = key;

    /// <summary>The key that verifies what this one signs.</summary>
    public TrustedKey Public => new(_key.PublicKey);

    /// <summary>A new random key.</summary>
    public static SigningKey Create() => new(Key.Create(
        SignatureAlgorithm.Ed25519,
        new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving }));

    /// <summary>Reads a private key; null when the bytes are none.</summary>
    public static SigningKey? Read(ReadOnlySpan<byte> pem) => Key.TryImport(
        SignatureAlgorithm.Ed25519, pem, KeyBlobFormat.PkixPrivateKeyText, out Key? key)
        && key is not null
        ? new SigningKey(key)
        : null;

    /// <summary>The private key in PEM: once, and only of a key that was created.</summary>
    public byte[] ToPem() => _key.Export(KeyBlobFormat.PkixPrivateKeyText);

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>64 bytes.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> data) => SignatureAlgorithm.Ed25519.Sign(_key, data);
}
