using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>
/// NCMEC Hash Sharing v2: `queryResult` documents, one or several behind each other. A deletion names a record and no
/// hash, so lines carry their record: member and id.
/// </summary>
internal sealed class NcmecReader
{
    /// <summary>The elements' namespace.</summary>
    public const string Namespace = "https://hashsharing.ncmec.org/hashsharing/v2";

    private const int MaxDepth = 32;
    private const int MaxTextLength = 64 * 1024;
    private const string Deleted = "deleted";

    // Depths of elements: queryResult, images, image, fingerprints, md5.
    private const int SectionDepth = 1;
    private const int RecordDepth = 2;
    private const int FieldDepth = 3;
    private const int HashDepth = 4;

    private static readonly XmlReaderSettings Settings = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        ConformanceLevel = ConformanceLevel.Fragment,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    private readonly XmlReader _xml;
    private readonly RecordLines _lines = new();
    private readonly StringBuilder _text = new();
    private string _section = "";
    private string _field = "";
    private string _hash = "";
    private string _member = "";
    private string _id = "";
    private ListLine? _broken;

    private NcmecReader(XmlReader xml) => _xml = xml;

    private int LineNumber => ((IXmlLineInfo)_xml).LineNumber;

    public static async IAsyncEnumerable<ListLine> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        XmlPages pages = new(stream, cancellation);
        await using (pages.ConfigureAwait(false))
        {
            using var xml = XmlReader.Create(pages, Settings);
            NcmecReader reader = new(xml);
            while (await reader.NextAsync().ConfigureAwait(false))
            {
                foreach (ListLine line in reader._lines.Lines)
                {
                    yield return line;
                }
            }

            if (reader._broken is { } broken)
            {
                yield return broken;
            }
        }
    }

    // False at the end, and where the file is broken.
    private async ValueTask<bool> NextAsync()
    {
        try
        {
            while (await _xml.ReadAsync().ConfigureAwait(false))
            {
                if (FileProblem() is { } problem)
                {
                    Break(LineNumber, problem);
                    return false;
                }

                if (_xml.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                _section = _xml.Depth == SectionDepth ? _xml.LocalName : _section;
                if (_xml.Depth == RecordDepth && _section is "images" or "videos")
                {
                    await ReadRecordAsync().ConfigureAwait(false);
                    return true;
                }
            }
        }
        catch (XmlException broken)
        {
            Break(broken.LineNumber, IsCutOff(broken)
                ? "the file is cut off: it ends within an element"
                : $"this is no XML: {broken.Message}");
        }
        catch (ListFileException broken)
        {
            Break(LineNumber, broken.Message);
        }

        return false;
    }

    private static bool IsCutOff(XmlException broken) =>
        broken.Message.Contains("end of file", StringComparison.OrdinalIgnoreCase)
        || broken.Message.Contains("not closed", StringComparison.Ordinal);

    private void Break(long line, string problem) => _broken = new ListLine(
        Math.Max(line, 1),
        null,
        string.Create(
            CultureInfo.InvariantCulture, $"after record {_lines.Count}: {problem}; nothing behind it was read"))
    {
        EndsReading = true,
    };

    private string? FileProblem() => (_xml.NodeType, _xml.Depth) switch
    {
        (_, > MaxDepth) => $"elements lie over {MaxDepth} deep within each other",
        (XmlNodeType.Text or XmlNodeType.CDATA, 0) => "a text stands outside of every element",
        (XmlNodeType.Element, 0) when _xml.LocalName != "queryResult" || _xml.NamespaceURI != Namespace =>
            $"the root is '{Cut(_xml.LocalName)}' of the namespace '{Cut(_xml.NamespaceURI)}': it must be "
            + $"'queryResult' of '{Namespace}'",
        _ => null,
    };

    private static string Cut(string text) => text.Length <= 100 ? text : $"{text[..100]}...";

    private async ValueTask ReadRecordAsync()
    {
        string name = _xml.LocalName;
        _lines.Begin(LineNumber);
        (_field, _hash, _member, _id) = ("", "", "", "");
        bool isEmpty = _xml.IsEmptyElement;
        while (!isEmpty && await _xml.ReadAsync().ConfigureAwait(false))
        {
            if (_xml.NodeType == XmlNodeType.EndElement && _xml.Depth == RecordDepth)
            {
                break;
            }

            if (_xml.Depth > MaxDepth)
            {
                throw new ListFileException($"elements lie over {MaxDepth} deep within each other");
            }

            bool isText = _xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA;
            TakeNode(isText ? await _xml.GetValueAsync().ConfigureAwait(false) : "");
        }

        EndRecord(name);
    }

    private void TakeNode(string text)
    {
        switch (_xml.NodeType)
        {
            case XmlNodeType.Element when _xml.Depth == FieldDepth:
                _field = _xml.LocalName;
                _text.Clear();
                _member = _field == "member" ? _xml.GetAttribute("id") ?? "" : _member;
                break;
            case XmlNodeType.Element when _xml.Depth == HashDepth && _field == "fingerprints":
                _hash = _xml.LocalName;
                _text.Clear();
                if (_xml.IsEmptyElement)
                {
                    EndHash();
                }

                break;
            case XmlNodeType.Text or XmlNodeType.CDATA when _xml.Depth <= HashDepth + 1:
                if (_text.Length + text.Length <= MaxTextLength)
                {
                    _text.Append(text);
                }
                else
                {
                    _lines.Fail($"{_field} is over {MaxTextLength} characters");
                }

                break;
            case XmlNodeType.EndElement when _xml.Depth == HashDepth && _field == "fingerprints":
                EndHash();
                break;
            case XmlNodeType.EndElement when _xml.Depth == FieldDepth:
                EndField();
                break;
        }
    }

    private void EndField()
    {
        switch (_field)
        {
            case "id":
                _id = _text.ToString().Trim();
                break;
            case "classification":
                _lines.Classification = _text.ToString().Trim();
                break;
        }
    }

    // One without a text only points to a hash, as large ones are pointed to.
    private void EndHash()
    {
        string text = _text.ToString().Trim();
        string name = _hash.ToLowerInvariant();
        if (!TypeNames.TryParse(name, out HashType type))
        {
            _lines.LeaveOut(name switch
            {
                "pdna" => "photodna",
                "tmk-pdqf" or "tmk_pdqf" => "tmk",
                _ => name,
            });
        }
        else if (text.Length > 0)
        {
            _lines.Add(type, text);
        }
    }

    private void EndRecord(string name)
    {
        bool isDeleted = name.StartsWith(Deleted, StringComparison.Ordinal);
        string kind = (isDeleted ? name[Deleted.Length..] : name).ToLowerInvariant();
        if (_id.Length == 0 || _member.Length == 0)
        {
            _lines.Fail(_id.Length == 0 ? "it has no id" : "it has no member");
        }

        _lines.Record = $"{_member}-{_id}";
        _lines.ExternalId = _lines.Record;
        _lines.Note = kind == "video" ? kind : "";
        if (isDeleted)
        {
            _lines.Forget();
        }

        _lines.End();
    }
}
