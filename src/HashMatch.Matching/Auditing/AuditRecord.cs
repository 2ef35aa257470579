using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HashMatch.Matching.Auditing;

/// <summary>
/// One record of the log: a line of JSON with one spelling, whose last member is the SHA-256 of <see cref="Context"/>
/// and of all that stands before it, closed by a brace.
/// </summary>
public sealed record AuditRecord
{
    /// <summary>What is hashed begins with this.</summary>
    public const string Context = "hashmatch audit record, format 1\n";

    /// <summary>Bytes of a record, at most.</summary>
    public const int MaxBytes = 16 * 1024;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>1, 2, 3, ...</summary>
    public required long Sequence { get; init; }

    /// <summary>When, by the clock of whoever wrote it.</summary>
    public required DateTimeOffset At { get; init; }

    public required string Actor { get; init; }

    public required string Action { get; init; }

    public required string Subject { get; init; }

    /// <summary>
    /// The record that left the subject as this change found it; 0 when there is none. Null: the record stands for
    /// itself and not for one write. A change took effect when the subject, or a later change that did, names its
    /// record: of changes that name the same base one at most did.
    /// </summary>
    public long? Base { get; init; }

    /// <summary>SHA-256 in hex of what the change leaves: of a list's document, or as <see cref="StateOf"/> says; empty
    /// when it leaves none, or nothing is stated of the subject.</summary>
    public string State { get; init; } = "";

    /// <summary>A flat JSON object, as <see cref="AuditDetail"/> spells it.</summary>
    public required string Detail { get; init; }

    /// <summary>The hash of the record before.</summary>
    public required string Previous { get; init; }

    /// <summary>Its own, as it says.</summary>
    public required string Hash { get; init; }

    /// <summary>Where the log stands with this record.</summary>
    public AuditHead Head => new(Sequence, Hash);

    /// <summary>The record that follows on a head.</summary>
    public static AuditRecord After(AuditHead head, AuditEntry entry, long? found, string state, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(entry);
        AuditRecord record = new()
        {
            Sequence = head.Sequence + 1,
            At = at,
            Actor = AuditDetail.Cut(entry.Actor, AuditEntry.MaxNameLength),
            Action = AuditDetail.Cut(entry.Action, AuditEntry.MaxNameLength),
            Subject = AuditDetail.Cut(entry.Subject, AuditEntry.MaxNameLength),
            Base = found,
            State = state,
            Detail = entry.Detail,
            Previous = head.Hash,
            Hash = "",
        };
        return record with { Hash = record.ComputeHash() };
    }

    /// <summary>The line, without its end.</summary>
    public byte[] Encode() => Encode(withHash: true);

    /// <summary>What its hash should be.</summary>
    public string ComputeHash() => Convert.ToHexStringLower(
        SHA256.HashData([.. Encoding.ASCII.GetBytes(Context), .. Encode(withHash: false)]));

    /// <summary>SHA-256 in hex of what is stored.</summary>
    public static string DigestOf(ReadOnlySpan<byte> document) => Convert.ToHexStringLower(SHA256.HashData(document));

    /// <summary>The state that a document's record names: the digest of what only recorded changes write of it; empty
    /// when there is no document (null), or its group is none of <see cref="StatedGroup.All"/>. A document without a
    /// byte is one.</summary>
    public static string StateOf(string group, ReadOnlyMemory<byte>? document) =>
        document is { } found ? StatedGroup.Find(group)?.DigestOf(found.Span) ?? "" : "";

    /// <summary>Reads a line; null when these are not the very bytes of a record. Its hash is not looked at.</summary>
    public static AuditRecord? Decode(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxBytes)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line.ToArray());
            return Read(document.RootElement) is { } record && line.SequenceEqual(record.Encode()) ? record : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    private static AuditRecord? Read(JsonElement root)
    {
        string Text(string name) => root.GetProperty(name).GetString() ?? "";
        JsonElement found = root.GetProperty("base");
        return AuditDetail.Respell(root.GetProperty("detail")) is { } detail
            ? new AuditRecord
            {
                Sequence = root.GetProperty("seq").GetInt64(),
                At = new DateTimeOffset(DateTime.ParseExact(
                    Text("at"), TimeFormat, CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)),
                Actor = Text("actor"),
                Action = Text("action"),
                Subject = Text("subject"),
                Base = found.ValueKind == JsonValueKind.Null ? null : found.GetInt64(),
                State = Text("state"),
                Detail = detail,
                Previous = Text("prev"),
                Hash = Text("hash"),
            }
            : null;
    }

    private byte[] Encode(bool withHash)
    {
        using MemoryStream stream = new(512);
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq", Sequence);
            writer.WriteString("at", At.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            writer.WriteString("actor", Actor);
            writer.WriteString("action", Action);
            writer.WriteString("subject", Subject);
            if (Base is { } found)
            {
                writer.WriteNumber("base", found);
            }
            else
            {
                writer.WriteNull("base");
            }

            writer.WriteString("state", State);
            writer.WritePropertyName("detail");
            writer.WriteRawValue(Detail, skipInputValidation: true);
            writer.WriteString("prev", Previous);
            if (withHash)
            {
                writer.WriteString("hash", Hash);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
