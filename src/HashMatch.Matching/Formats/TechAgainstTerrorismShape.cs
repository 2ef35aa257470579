using System.Text.Json;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>Tech Against Terrorism's hash list.</summary>
internal sealed class TechAgainstTerrorismShape : JsonShape
{
    public override IReadOnlyList<string> RecordArrays { get; } = ["results"];

    public override void Read(JsonElement record, RecordLines lines)
    {
        string value = JsonFields.Needed(record, "hash_digest", lines);
        string algorithm = JsonFields.Needed(record, "algorithm", lines);
        lines.ExternalId = JsonFields.Text(record, "id", lines);
        lines.Classification = JsonFields.Text(record, "ideology", lines);
        lines.Note = Notes.List("file type", [JsonFields.Text(record, "file_type", lines)]);
        bool deleted = JsonFields.Truth(record, "deleted", lines);
        if (!TypeNames.TryParse(algorithm.AsSpan().Trim(), out HashType type))
        {
            lines.LeaveOut(algorithm);
        }
        else if (deleted)
        {
            lines.Remove(type, value);
        }
        else
        {
            lines.Add(type, value);
        }
    }
}
