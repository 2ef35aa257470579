using System.Text;
using Google.Protobuf;
using HashMatch.Matching.Lists;
using NetVips;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Fuzz;

/// <summary>Small good inputs of every target, made anew: what the fuzzer starts from.</summary>
internal static class Seeds
{
    private const string Pdq = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

    /// <summary>Writes them as files of a folder, which is made.</summary>
    public static void Write(string target, string folder)
    {
        Directory.CreateDirectory(folder);
        int number = 0;
        foreach (byte[] seed in Of(target))
        {
            File.WriteAllBytes(Path.Combine(folder, $"{target}-{number++:000}"), seed);
        }
    }

    /// <summary>The seeds of one target.</summary>
    public static IEnumerable<byte[]> Of(string target) => target switch
    {
        "jpeg" => Jpegs().SelectMany(file => new byte[][] { [0, .. file], [2, .. file] }),
        "png" => Pngs(),
        "headers" => Jpegs().Concat(Pngs()).Concat(Others()),
        "lists" => Lists(),
        "messages" => Messages(),
        _ => throw new ArgumentOutOfRangeException(nameof(target)),
    };

    // Small, since a fuzzer changes a few bytes at a time; with edges, so that every kind of coefficient is there.
    private static Image Picture(int width, int height)
    {
        using Image places = Image.Xyz(width, height);
        using Image waves = (places[0] * places[1] / 3 % 256).Cast(Enums.BandFormat.Uchar);
        using Image slope = (places[0] * 255 / width).Cast(Enums.BandFormat.Uchar);
        return waves.Bandjoin(slope, slope.Invert()).Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static IEnumerable<byte[]> Jpegs()
    {
        using Image picture = Picture(37, 29);
        using Image grey = picture.ExtractBand(0).Copy(interpretation: Enums.Interpretation.Bw);
        yield return picture.JpegsaveBuffer(q: 75);
        yield return picture.JpegsaveBuffer(q: 75, subsampleMode: Enums.ForeignSubsample.Off);
        yield return picture.JpegsaveBuffer(q: 60, restartInterval: 2);
        yield return picture.JpegsaveBuffer(q: 60, interlace: true);
        yield return grey.JpegsaveBuffer(q: 50);
        yield return grey.JpegsaveBuffer(q: 50, interlace: true);
        using Image turned = picture.Mutate(m => m.Set(GValue.GIntType, "orientation", 6));
        yield return turned.JpegsaveBuffer(q: 20);
    }

    private static IEnumerable<byte[]> Pngs()
    {
        using Image picture = Picture(19, 13);
        using Image grey = picture.ExtractBand(0).Copy(interpretation: Enums.Interpretation.Bw);
        using Image alpha = picture.Bandjoin(grey);
        using Image greyAlpha = grey.Bandjoin(grey);
        yield return picture.PngsaveBuffer(filter: Enums.ForeignPngFilter.All);
        yield return picture.PngsaveBuffer(filter: Enums.ForeignPngFilter.Paeth, compression: 9);
        yield return grey.PngsaveBuffer(filter: Enums.ForeignPngFilter.Up);
        yield return alpha.PngsaveBuffer(filter: Enums.ForeignPngFilter.Avg);
        yield return greyAlpha.PngsaveBuffer(filter: Enums.ForeignPngFilter.Sub, compression: 0);
        yield return picture.PngsaveBuffer(palette: true);
        yield return grey.PngsaveBuffer(bitdepth: 1);
    }

    private static IEnumerable<byte[]> Others()
    {
        using Image picture = Picture(19, 13);
        using Image animation = Image.Arrayjoin([picture, picture.Invert(), picture], across: 1)
            .Mutate(m => m.Set(GValue.GIntType, "page-height", picture.Height));
        yield return animation.GifsaveBuffer();
        yield return animation.WebpsaveBuffer();
        yield return picture.WebpsaveBuffer(lossless: true);
        yield return picture.TiffsaveBuffer();
        yield return picture.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1, effort: 0);
    }

    private static IEnumerable<byte[]> Lists()
    {
        string[] texts =
        [
            "type,value,external_id,classification,severity,expires_at,note\n" +
            $"pdq,{Pdq},a-1,A1,high,2030-01-01,\"a, \"\"b\"\"\"\n",
            $"value,type\r\n{Pdq},pdq\r\n00112233445566778899aabbccddeeff,md5\r\n",
            $"# comment\n{Pdq}\n\n{Pdq.ToUpperInvariant()}\n",
            "\uFEFFtype,value,note\nsha1,00112233445566778899aabbccddeeff00112233,\"two\nlines\"\n",
            "type,value\npdq,zz\nnone,00\npdq\n",
        ];
        for (byte format = 0; format < 3; format++)
        {
            foreach (string text in texts)
            {
                yield return [format, .. Encoding.UTF8.GetBytes(text)];
            }
        }

        foreach ((ListFileFormat format, string text) in Sources())
        {
            yield return [(byte)format, .. Encoding.UTF8.GetBytes(text)];
            yield return [0, .. Encoding.UTF8.GetBytes(text)];
        }
    }

    // One small file of each source, with a deletion and something that nothing matches.
    private static IEnumerable<(ListFileFormat Format, string Text)> Sources()
    {
        string md5 = Pdq[..32];
        string page = "<?xml version=\"1.0\"?><queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\">"
            + "<images><image><member id=\"1\">A &amp; B</member><id>i1</id><classification>A1</classification>"
            + $"<fingerprints><md5>{md5}</md5><pdq>{Pdq}</pdq><pdna>x</pdna>"
            + "<tmk-pdqf href=\"a\"/></fingerprints></image>"
            + "<deletedImage><member id=\"1\"/><id>i1</id></deletedImage></images></queryResult>\n";
        yield return (ListFileFormat.Ncmec, page);
        yield return (ListFileFormat.Ncmec, page + "\uFEFF" + page);
        yield return (
            ListFileFormat.StopNcii,
            $"{{\"count\":1,\"hashRecords\":[{{\"signalType\":\"ImagePDQ\",\"hashValue\":\"{Pdq}\",\"hashStatus\":"
            + "\"Active\",\"caseNumbers\":{\"a\":\"Active\"},\"CSPFeedbacks\":[{\"source\":\"s\"}]},"
            + $"{{\"signalType\":\"VideoTMK\",\"hashValue\":\"x\",\"hashStatus\":\"Deleted\"}}]}}");
        yield return (
            ListFileFormat.ThreatExchange,
            $"{{\"data\":[{{\"id\":\"1\",\"indicator\":\"{Pdq}\",\"type\":\"HASH_PDQ\",\"should_delete\":false,"
            + "\"descriptors\":{\"data\":[{\"status\":\"MALICIOUS\",\"owner\":{\"id\":\"1\"},\"tags\":[\"t\"],"
            + "\"reactions\":[{\"key\":\"DISAGREE_WITH_TAGS\",\"value\":\"2,3\"}]}]}}]}");
        yield return (
            ListFileFormat.TechAgainstTerrorism,
            $"{{\"results\":[{{\"id\":1,\"hash_digest\":\"{md5}\",\"algorithm\":\"MD5\",\"deleted\":\"true\"}}]}}");
        yield return (
            ListFileFormat.Vics,
            "{\"@odata.context\":\"x\",\"value\":[{\"CaseID\":1,\"Media\":[{\"MediaID\":1,\"Category\":\"1\","
            + $"\"MD5\":\"{md5}\",\"PhotoDNA\":\"AA==\",\"VictimIdentified\":\"False\"}},5]}}]}}\n[{{}}]");
        yield return (ListFileFormat.Icse, $"MD5;SHA1;PhotoDNA;ID\r\n{md5};;x;\"a;\"\"b\"\n");
        yield return (ListFileFormat.Csv, $"type,value,op\nmd5,{md5},delete\nmd5,{md5},upsert\n");
        yield return (ListFileFormat.Text, $"pdq {Pdq}\nvideo_md5 {md5}\nphotodna 1,2\n");
    }

    private static IEnumerable<byte[]> Messages()
    {
        var options = new V1.MatchOptions { Dihedral = true, Fidelity = V1.Fidelity.Reference, Reference = "r" };
        var entry = new V1.Entry { Type = V1.HashType.Pdq, Value = Pdq, ExternalId = "a", Note = "b" };
        IMessage[] messages =
        [
            new V1.MatchRequest { Image = ByteString.CopyFromUtf8("GIF89a"), Options = options },
            new V1.MatchUploadRequest { Options = options },
            new V1.MatchStreamRequest { Tag = 1, Image = ByteString.CopyFromUtf8("GIF89a"), Options = options },
            new V1.MatchHashesRequest
            {
                Queries =
                {
                    new V1.HashQuery { Pdq = Pdq, Quality = 90 },
                    new V1.HashQuery { PdqBytes = ByteString.CopyFrom(new byte[32]) },
                    new V1.HashQuery { Md5 = Pdq[..32] },
                    new V1.HashQuery { Sha1 = Pdq[..40] },
                    new V1.HashQuery { Sha256 = Pdq },
                },
            },
            new V1.HashRequest { Image = ByteString.CopyFromUtf8("GIF89a"), AsStored = true },
            new V1.StageVersionRequest { Batch = new V1.StageVersionRequest.Types.Batch { Entries = { entry } } },
            new V1.UpdateListRequest { Name = "a", Policy = new V1.Policy { MaxDistance = 20, Shadow = true } },
            new V1.AddEntriesRequest { Name = "a", Entries = { entry } },
            new V1.RemoveEntriesRequest
            {
                Name = "a", Keys = { new V1.EntryKey { Type = V1.HashType.Pdq, Value = Pdq } },
            },
        ];
        for (byte i = 0; i < messages.Length; i++)
        {
            yield return [i, .. messages[i].ToByteArray()];
        }
    }
}
