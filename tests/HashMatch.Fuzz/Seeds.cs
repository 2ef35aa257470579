using System.Text;
using Google.Protobuf;
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
        "lists" => Lists(),
        "messages" => Messages(),
        _ => throw new ArgumentOutOfRangeException(nameof(target)),
    };

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
