using System.Text.Json;

namespace HashMatch.Matching.Formats;

/// <summary>VICS 1.3 and 2.0: hash sets, and case exports with media within cases.</summary>
internal sealed class VicsShape(VicsCategories categories) : JsonShape
{
    // What carries hashes of kinds that nothing here matches, and what they are called when they are counted.
    private static readonly (string Field, string Type)[] Unmatchable =
        [("PhotoDNA", "photodna"), ("TMK", "tmk"), ("TMKPDQF", "tmk"), ("F1", "f1")];

    public override IReadOnlyList<string> RecordArrays { get; } = ["value", "Media", "Cases"];

    public override void Read(JsonElement record, RecordLines lines)
    {
        string category = JsonFields.Text(record, "Category", lines).Trim();
        lines.ExternalId = JsonFields.Text(record, "MediaID", lines);
        lines.Classification = categories.Label(category);
        lines.Note = JsonFields.Truth(record, "VictimIdentified", lines) ? "victim identified" : "";
        if (categories.Problem(category) is { } problem)
        {
            lines.Fail(problem);
        }

        if (categories.IsNoAbuse(category))
        {
            lines.LeaveOut(lines.Classification);
            return;
        }

        Take(HashType.Md5, JsonFields.Text(record, "MD5", lines), lines);
        Take(HashType.Sha1, JsonFields.Text(record, "SHA1", lines), lines);
        Take(HashType.Sha256, JsonFields.Text(record, "SHA256", lines), lines);
        Take(HashType.Pdq, JsonFields.Text(record, "PDQ", lines), lines);
        foreach ((string field, string type) in Unmatchable)
        {
            if (JsonFields.TryFind(record, field, out JsonElement value)
                && (value.ValueKind != JsonValueKind.String || !value.ValueEquals("")))
            {
                lines.LeaveOut(type);
            }
        }

        foreach (JsonElement other in JsonFields.Objects(record, "AlternativeHashes", lines))
        {
            lines.LeaveOut(JsonFields.Text(other, "HashName", lines));
        }
    }

    private static void Take(HashType type, string value, RecordLines lines)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            lines.Add(type, value);
        }
    }
}
