using System.Globalization;
using System.Text;
using System.Text.Json;
using HashMatch.Matching.Snapshots;

namespace HashMatch.Matching.Auditing;

/// <summary>A signed statement of where the log stood: a line of JSON with one spelling. What is signed is
/// <see cref="Context"/> and all of the line that stands before the signature, closed by a brace.</summary>
public sealed record AuditCheckpoint
{
    /// <summary>What is signed begins with this: nothing else that the key signs passes for a checkpoint.</summary>
    public const string Context = "hashmatch audit checkpoint, format 1\n";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private const int MaxBytes = 1024;

    /// <summary>The last record that it vouches for, with all before.</summary>
    public required long Sequence { get; init; }

    /// <summary>That record's hash.</summary>
    public required string Hash { get; init; }

    /// <summary>The checkpoint before, by its record; 0 for none.</summary>
    public required long Previous { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The public key's id: 64 hex digits.</summary>
    public required string Key { get; init; }

    /// <summary>Ed25519, 128 hex digits.</summary>
    public required string Signature { get; init; }

    /// <summary>Signs a head.</summary>
    public static AuditCheckpoint Sign(AuditHead head, long previous, DateTimeOffset at, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(key);
        AuditCheckpoint unsigned = new()
        {
            Sequence = head.Sequence,
            Hash = head.Hash,
            Previous = previous,
            At = at,
            Key = key.Public.Id,
            Signature = "",
        };
        return unsigned with { Signature = Convert.ToHexStringLower(key.Sign(unsigned.Signed())) };
    }

    /// <summary>Whether it is what the key that it names signed.</summary>
    public bool IsSigned() =>
        AuditHead.IsHash(Key) && Signature.Length == 128 && Signature.All(char.IsAsciiHexDigitLower)
        && TrustedKey.ReadRaw(Convert.FromHexString(Key)) is { } key
        && key.Verifies(Signed(), Convert.FromHexString(Signature));

    /// <summary>The line, without its end.</summary>
    public byte[] Encode() => Encode(withSignature: true);

    /// <summary>Reads a line; null when these are not the very bytes of a checkpoint. Its signature is not looked at.
    /// </summary>
    public static AuditCheckpoint? Decode(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxBytes)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line.ToArray());
            AuditCheckpoint read = Read(document.RootElement);
            return line.SequenceEqual(read.Encode()) ? read : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException)
        {
            return null;
        }
    }

    private static AuditCheckpoint Read(JsonElement root)
    {
        string Text(string name) => root.GetProperty(name).GetString() ?? "";
        return new AuditCheckpoint
        {
            Sequence = root.GetProperty("checkpoint").GetInt64(),
            Hash = Text("hash"),
            Previous = root.GetProperty("previous").GetInt64(),
            At = new DateTimeOffset(DateTime.ParseExact(
                Text("at"), TimeFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)),
            Key = Text("key"),
            Signature = Text("signature"),
        };
    }

    private byte[] Signed() => [.. Encoding.ASCII.GetBytes(Context), .. Encode(withSignature: false)];

    private byte[] Encode(bool withSignature)
    {
        using MemoryStream stream = new(512);
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("checkpoint", Sequence);
            writer.WriteString("hash", Hash);
            writer.WriteNumber("previous", Previous);
            writer.WriteString("at", At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            writer.WriteString("key", Key);
            if (withSignature)
            {
                writer.WriteString("signature", Signature);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
