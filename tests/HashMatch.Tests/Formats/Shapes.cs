using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using HashMatch.Matching;
using HashMatch.Matching.Formats;
using HashMatch.Tests.Matching;

namespace HashMatch.Tests.Formats;

/// <summary>Files as the sources write them, of random hashes. Written by other means than they are read by.</summary>
internal static class Shapes
{
    private static readonly XNamespace Ncmec = NcmecReader.Namespace;

    /// <summary>A random value in lower-case hex.</summary>
    public static string Hex(Random random, HashType type) => Samples.Value(random, type).ToHex(type);

    /// <summary>A NCMEC page around the elements of its images and videos.</summary>
    public static string NcmecPage(IEnumerable<XElement> images, IEnumerable<XElement> videos, string? next = null)
    {
        XElement page = new(
            Ncmec + "queryResult",
            new XElement(
                Ncmec + "images",
                new XAttribute("count", 1),
                new XAttribute("maxTimestamp", "2026-10-24T15:10:00Z"),
                images),
            new XElement(Ncmec + "videos", new XAttribute("count", 1), videos));
        if (next is not null)
        {
            page.Add(new XElement(Ncmec + "paging", new XElement(Ncmec + "next", next)));
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n{page}\n";
    }

    public static XElement NcmecRecord(
        string kind,
        string member,
        string id,
        string classification,
        params (string Type, string Value)[] hashes) => new(
        Ncmec + kind,
        new XElement(Ncmec + "member", new XAttribute("id", member), "Example & Sons"),
        new XElement(Ncmec + "timestamp", "2026-10-24T15:00:00Z"),
        new XElement(Ncmec + "id", id),
        new XElement(Ncmec + "classification", classification),
        new XElement(Ncmec + "fingerprints", hashes.Select(hash => new XElement(Ncmec + hash.Type, hash.Value))),
        new XElement(
            Ncmec + "feedback",
            new XElement(
                Ncmec + "affirmativeFeedback",
                new XAttribute("type", "Md5"),
                new XElement(
                    Ncmec + "members", new XElement(Ncmec + "member", new XAttribute("id", "99"), "Somebody Else")))));

    public static XElement NcmecDeleted(string kind, string member, string id) => new(
        Ncmec + kind,
        new XElement(Ncmec + "member", new XAttribute("id", member), "Example"),
        new XElement(Ncmec + "id", id),
        new XElement(Ncmec + "timestamp", "2026-10-24T15:10:00Z"));

    public static string StopNciiPage(params object[] records) => JsonSerializer.Serialize(new
    {
        count = records.Length,
        nextSetTimestamp = 1_625_175_071,
        nextPageToken = "W3siY29tcG9zaXRl",
        hasMoreRecords = false,
        hashRecords = records,
    });

    public static object StopNciiRecord(string type, string value, string status, params string[] cases) => new
    {
        lastModtimestamp = 1_625_167_804,
        hashValue = value,
        hashStatus = status,
        caseNumbers = cases.ToDictionary(name => name, _ => status),
        signalType = type,
        CSPFeedbacks = new[] { new { source = "Some Platform", feedbackValue = "Blocked", tags = new[] { "Nude" } } },
    };

    public static string ThreatExchangePage(params object[] updates) => JsonSerializer.Serialize(new
    {
        data = updates,
        paging = new { cursors = new { after = "abc" }, next = "https://graph.example/next" },
    });

    public static object ThreatUpdate(
        long id,
        string type,
        string indicator,
        bool deleted,
        params (string Status, string Owner, string[] Tags)[] said) => new
        {
            id = id.ToString(CultureInfo.InvariantCulture),
            indicator,
            type,
            last_updated = 1_625_167_804,
            should_delete = deleted,
            descriptors = new
            {
                data = said.Select((each, i) => new
                {
                    id = $"{id}{i}",
                    owner = new { id = each.Owner },
                    status = each.Status,
                    tags = each.Tags,
                }).ToArray(),
            },
        };

    public static string TatPage(params object[] results) => JsonSerializer.Serialize(new
    {
        count = 100,
        next = "https://app.example/api/hash-list",
        previous = (string?)null,
        checkpoint = "1724856487.709035,10594",
        results,
    });

    public static object TatRecord(int id, string algorithm, string value, string ideology, object deleted) => new
    {
        id,
        hash_digest = value,
        algorithm,
        ideology,
        file_type = "mp4",
        deleted,
        updated_on = 1704901040.222779,
        created_on = "2025-03-03T23:05:22.587000",
    };

    public static string VicsSet(params object[] media) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["@odata.context"] = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media",
        ["value"] = media,
    });

    /// <summary>A case export: cases in `value`, with their media within.</summary>
    public static string VicsCases(params object[][] cases) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["odata.metadata"] = "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml/Default/$metadata#Cases",
        ["value"] = cases.Select((media, i) => new
        {
            CaseID = i,
            CaseNumber = $"case {i}",
            SourceApplicationName = "Some \"Tool\"",
            Contact = new { Name = "Nobody", Phones = new[] { "1", "2" } },
            Media = media,
            TotalMediaFiles = media.Length,
        }).ToArray(),
    });

    public static object VicsMedia(object id, object category, string md5, string? sha1, string? photoDna = null) => new
    {
        MediaID = id,
        Category = category,
        MD5 = md5.ToUpperInvariant(),
        SHA1 = sha1?.ToUpperInvariant(),
        PhotoDNA = photoDna,
        MediaSize = 2835,
        IsPrecategorized = "False",
        VictimIdentified = "true",
        DateUpdated = "2023-06-07T02:31:49.8300Z",
        Exifs = new[] { new { PropertyName = "Make", PropertyValue = "Camera" } },
        MediaFiles = new[] { new { FileName = "é\\\"☃.jpg", FilePath = "C:\\x", Unallocated = "false" } },
    };

    public static byte[] Bytes(string text, bool mark = false) =>
        [.. mark ? Encoding.UTF8.Preamble.ToArray() : [], .. Encoding.UTF8.GetBytes(text)];
}
