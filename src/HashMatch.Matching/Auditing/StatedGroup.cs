using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace HashMatch.Matching.Auditing;

/// <summary>A group of documents whose records name the state that they leave.</summary>
/// <param name="Name">The group.</param>
/// <param name="Members">What only recorded changes write: members of the document's JSON object; empty: all of it.
/// </param>
internal sealed record StatedGroup(string Name, IReadOnlyList<string> Members)
{
    /// <summary>All of them. An exchange's runs keep their place in its document without a record.</summary>
    public static IReadOnlyList<StatedGroup> All { get; } =
    [
        new(Access.CallerCatalog.Group, []),
        new(AuditEntry.Exchanges, ["definition", "definedBy"]),
    ];

    /// <summary>The group of that name; null when its records name no state.</summary>
    public static StatedGroup? Find(string name) => All.FirstOrDefault(group => group.Name == name);

    /// <summary>SHA-256 in hex of a document's members, or of all its bytes where it has no such members.</summary>
    public string DigestOf(ReadOnlySpan<byte> document) =>
        AuditRecord.DigestOf(Members.Count > 0 && StatedPart(document) is { Length: > 0 } part ? part : document);

    // As they are spelled, and each as often as it stands there: the last of two of one name counts for who reads it.
    private byte[] StatedPart(ReadOnlySpan<byte> document)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(document.ToArray());
            using MemoryStream part = new();
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty member in json.RootElement.EnumerateObject()
                    .Where(member => Members.Contains(member.Name)))
                {
                    part.Write(Encoding.ASCII.GetBytes(member.Name + "\n"));
                    part.Write(JsonMarshal.GetRawUtf8Value(member.Value));
                    part.Write("\n"u8);
                }
            }

            return part.ToArray();
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
