using System.Text.Json;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>
/// Meta ThreatExchange's threat_updates. What members say of an indicator is one classification: DISPUTED when one says
/// malicious and another the contrary; what nobody but deniers speaks of is no entry.
/// </summary>
internal sealed class ThreatExchangeShape : JsonShape
{
    private const string Malicious = "MALICIOUS";
    private const string NotMalicious = "NON_MALICIOUS";
    private const string Suspicious = "SUSPICIOUS";

    public override IReadOnlyList<string> RecordArrays { get; } = ["data", "threat_updates"];

    public override void Read(JsonElement record, RecordLines lines)
    {
        string indicator = JsonFields.Needed(record, "indicator", lines);
        string name = JsonFields.Needed(record, "type", lines);
        lines.ExternalId = JsonFields.Text(record, "id", lines);
        bool deleted = JsonFields.Truth(record, "should_delete", lines);
        List<JsonElement> descriptors = DescriptorsOf(record, lines);
        SortedSet<string> tags = new(StringComparer.Ordinal);
        string? opinion = OpinionOf(descriptors, tags, lines);
        if (TypeOf(name) is not { } type)
        {
            lines.LeaveOut(name);
        }
        else if (deleted || opinion is null)
        {
            lines.Remove(type, indicator);
        }
        else
        {
            lines.Classification = opinion;
            lines.Note = Notes.List("tags", tags);
            lines.Add(type, indicator);
        }
    }

    // HASH_MD5, HASH_VIDEO_MD5, ...; a type with more to it, such as HASH_PDQ_OCR, is another one.
    private static HashType? TypeOf(string name)
    {
        ReadOnlySpan<char> rest = name;
        foreach (string prefix in (ReadOnlySpan<string>)["HASH_", "VIDEO_", "IMAGE_"])
        {
            rest = rest.StartsWith(prefix, StringComparison.Ordinal) ? rest[prefix.Length..] : rest;
        }

        return rest.Length < name.Length && TypeNames.TryParse(rest, out HashType type) ? type : null;
    }

    private static List<JsonElement> DescriptorsOf(JsonElement record, RecordLines lines)
    {
        if (!JsonFields.TryFind(record, "descriptors", out JsonElement descriptors))
        {
            return [];
        }

        return descriptors.ValueKind == JsonValueKind.Object
            ? [.. JsonFields.Objects(descriptors, "data", lines)]
            : [.. JsonFields.Objects(record, "descriptors", lines)];
    }

    // Null when nobody speaks of it, or only those who deny it. A member's own descriptor counts before its reaction.
    private static string? OpinionOf(List<JsonElement> descriptors, SortedSet<string> tags, RecordLines lines)
    {
        HashSet<string> owners = [];
        HashSet<string> statuses = [];
        foreach (JsonElement descriptor in descriptors)
        {
            statuses.Add(JsonFields.Text(descriptor, "status", lines));
            ReadTags(descriptor, tags, lines);
            if (JsonFields.TryFind(descriptor, "owner", out JsonElement owner)
                && owner.ValueKind == JsonValueKind.Object)
            {
                owners.Add(JsonFields.Text(owner, "id", lines));
            }
        }

        bool positive = statuses.Contains(Malicious);
        bool negative = statuses.Contains(NotMalicious);
        foreach ((string key, string member) in descriptors.SelectMany(each => ReactionsOf(each, lines)))
        {
            positive |= key == "HELPFUL" && !owners.Contains(member);
            negative |= key == "DISAGREE_WITH_TAGS" && !owners.Contains(member);
        }

        return (positive, negative) switch
        {
            (true, true) => HashEntry.Disputed,
            (true, false) => Malicious,
            (false, true) => null,
            _ when statuses.Contains(Suspicious) => Suspicious,
            _ => descriptors.Count > 0 ? "UNKNOWN" : null,
        };
    }

    private static void ReadTags(JsonElement descriptor, SortedSet<string> tags, RecordLines lines)
    {
        if (!JsonFields.TryFind(descriptor, "tags", out JsonElement field))
        {
            return;
        }

        IEnumerable<JsonElement> items = field.ValueKind == JsonValueKind.Object
            ? JsonFields.Items(field, "data", lines)
            : JsonFields.Items(descriptor, "tags", lines);
        foreach (JsonElement item in items)
        {
            tags.Add(item.ValueKind == JsonValueKind.Object
                ? JsonFields.Text(item, "text", lines)
                : JsonFields.TextOf(item, "tags", lines));
        }
    }

    private static IEnumerable<(string Key, string Member)> ReactionsOf(JsonElement descriptor, RecordLines lines)
    {
        foreach (JsonElement reaction in JsonFields.Objects(descriptor, "reactions", lines))
        {
            string key = JsonFields.Text(reaction, "key", lines);
            foreach (string member in JsonFields.Text(reaction, "value", lines).Split(','))
            {
                yield return (key, member.Trim());
            }
        }
    }
}
