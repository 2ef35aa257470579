using System.Text.Json;

namespace HashMatch.Matching.Formats;

/// <summary>StopNCII's FetchHashes: a record withdrawn or deleted leaves the list.</summary>
internal sealed class StopNciiShape : JsonShape
{
    private const int MaxCasesBytes = 2048;
    private const int MaxFeedbackBytes = 2000;

    public override IReadOnlyList<string> RecordArrays { get; } = ["hashRecords"];

    public override void Read(JsonElement record, RecordLines lines)
    {
        string type = JsonFields.Needed(record, "signalType", lines);
        string value = JsonFields.Needed(record, "hashValue", lines);
        string status = JsonFields.Needed(record, "hashStatus", lines);
        lines.Classification = status;
        ReadCases(record, lines);
        switch (TypeOf(type), status)
        {
            case (null, _):
                lines.LeaveOut(type);
                break;
            case ({ } known, "Withdrawn" or "Deleted"):
                lines.Remove(known, value);
                break;
            case ({ } known, "Received" or "Active" or "Unknown"):
                lines.Add(known, value);
                break;
            default:
                lines.Fail(
                    $"hashStatus is '{Cut(status)}': it must be Received, Active, Withdrawn, Deleted or Unknown");
                break;
        }
    }

    private static HashType? TypeOf(string type) => type switch
    {
        "ImagePDQ" => HashType.Pdq,
        "ImageMD5" or "VideoMD5" => HashType.Md5,
        "ImageSHA1" or "VideoSHA1" => HashType.Sha1,
        "ImageSHA256" or "VideoSHA256" => HashType.Sha256,
        _ => null,
    };

    // The first case names the entry; the note tells them all, and what platforms said.
    private static void ReadCases(JsonElement record, RecordLines lines)
    {
        List<string> cases = [];
        if (JsonFields.TryFind(record, "caseNumbers", out JsonElement numbers))
        {
            if (numbers.ValueKind != JsonValueKind.Object)
            {
                lines.Fail($"caseNumbers is {JsonFields.Word(numbers.ValueKind)}: it must be an object");
                return;
            }

            foreach (JsonProperty property in numbers.EnumerateObject())
            {
                cases.Add(NameOf(property, lines));
            }
        }

        List<string> feedback = [];
        foreach (JsonElement said in JsonFields.Objects(record, "CSPFeedbacks", lines))
        {
            feedback.Add(
                $"{JsonFields.Text(said, "source", lines)} {JsonFields.Text(said, "feedbackValue", lines)}".Trim());
        }

        lines.ExternalId = cases.FirstOrDefault() ?? "";
        lines.Note = Notes.Join(
            cases.Count > 1 ? Notes.List("cases", cases, MaxCasesBytes) : "",
            Notes.List("feedback", feedback, MaxFeedbackBytes));
    }

    private static string NameOf(JsonProperty property, RecordLines lines)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            lines.Fail("caseNumbers is not valid Unicode");
            return "";
        }
    }

    private static string Cut(string text) => text.Length <= 40 ? text : $"{text[..40]}...";
}
