using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching;
using HashMatch.Matching.Access;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Access;

/// <summary>What is on a list stays there: no answer can hold it, and hashes that were planted are found nowhere.
/// </summary>
public sealed class CanaryTests : IAsyncDisposable
{
    // The answers that may hold an entry's key, and what they hold it for; everything else may not.
    private static readonly HashSet<string> KeysIn =
    [
        // Entries in quarantine, to list-editors alone.
        "hashmatch.v1.QuarantinedEntry.key",
        // Hashes of the caller's own upload.
        "hashmatch.v1.MatchResponse.hash",
        "hashmatch.v1.HashResponse.hash",
        "hashmatch.v1.HashResponse.md5",
        "hashmatch.v1.HashResponse.sha1",
        "hashmatch.v1.HashResponse.sha256",
        "hashmatch.v1.HashedRendition.hash",
        "hashmatch.v1.OrientedHash.hash",
        // `detail` as it is stored, with the hash of the record; no value of an entry is put into one.
        "hashmatch.v1.AuditRecord.record",
        // The number and the hash of the last record, signed.
        "hashmatch.v1.GetCheckpointResponse.checkpoint",
    ];

    private readonly KeyedServer _server = KeyedServer.Prepare();
    private readonly ConcurrentQueue<string> _replies = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void No_answer_has_room_for_an_entry_but_where_it_is_said()
    {
        HashSet<string> seen = [];
        List<string> found = [];
        foreach (MethodDescriptor method in Rpc.All.Values)
        {
            Look(method.OutputType);
        }

        Assert.Equal(KeysIn.Order(), found.Distinct().Order());

        void Look(MessageDescriptor message)
        {
            if (!seen.Add(message.FullName))
            {
                return;
            }

            foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
            {
                if (IsValue(field))
                {
                    found.Add(field.FullName);
                }
                else if (field.FieldType == FieldType.Message)
                {
                    Look(field.MessageType);
                }
            }
        }
    }

    [Fact]
    public async Task Hashes_planted_in_a_list_are_found_nowhere()
    {
        using var log = new SharedText();
        TextWriter console = Console.Out;
        var measured = new ConcurrentQueue<string>();
        using MeterListener metrics = Listen(measured);
        PdqHash[] planted = [.. Enumerable.Range(900, 5).Select(RedactionTests.Hash)];
        HashEntry digest = new()
        {
            Type = HashType.Sha256,
            Value = HashValue.From(RedactionTests.Hash(990)),
            ExternalId = "canary-digest",
        };
        string[] words;
        await _server.LoadAsync(
            "planted", new MatchPolicy { ListClass = "told-to-everybody" }, Cancellation,
            [.. planted.Select((hash, i) => KeyedServer.Pdq(hash, $"canary-{i}")), digest]);
        foreach (string role in RoleWords.All)
        {
            await _server.AddAsync(role, [role, "matcher"], Cancellation);
        }

        await _server.AddAsync("plain", ["matcher"], Cancellation);
        Console.SetOut(log);
        try
        {
            await _server.StartAsync(
                Cancellation, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:HashMatch=Trace",
                "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:Grpc=Trace",
                "--Logging:LogLevel:Microsoft.AspNetCore.Authentication=Trace");
            // Near, but never the hash itself: what comes back must not come of the question.
            words = [.. planted.Select(hash => hash.ToString()), digest.Value.ToHex(HashType.Sha256)];
            foreach (string caller in RoleWords.All.Append("plain"))
            {
                foreach (PdqHash hash in planted)
                {
                    _replies.Enqueue(
                        $"{caller} {await _server.MatchAsync(caller, RedactionTests.Turn(hash, 7), Cancellation)}");
                }

                foreach (MethodDescriptor method in Rpc.All.Values)
                {
                    await CallAsync(caller, method);
                }

                await FailAsync(caller, planted[0]);
            }
        }
        finally
        {
            Console.SetOut(console);
            // Also writes what of the log still waits.
            await _server.StopAsync();
        }

        string said = log.ToString();
        Assert.Contains(" Ready;", said, StringComparison.Ordinal);
        // Servers of other tests measure on meanwhile.
        string[] everything = [said, .. measured.ToArray(), .. _replies.ToArray()];
        Assert.True(_replies.Count > 100);
        foreach (string word in words)
        {
            Assert.All(everything, text => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));
            Assert.All(everything, text => Assert.DoesNotContain(
                Convert.ToBase64String(Convert.FromHexString(word))[..40], text, StringComparison.Ordinal));
        }

        // Who sees no details sees no id either; logs and metrics hold none at all.
        Assert.All(
            everything.Where(text => !text.StartsWith("list-editor", StringComparison.Ordinal)
                && !text.StartsWith("auditor", StringComparison.Ordinal)),
            text => Assert.DoesNotContain("canary-", text, StringComparison.Ordinal));
        Assert.Contains(_replies, text => text.Contains("canary-0", StringComparison.Ordinal));
    }

    /// <summary>Keeps what is written; servers of other tests may write into it too, while it is read.</summary>
    private sealed class SharedText : TextWriter
    {
        private readonly Lock _lock = new();
        private readonly System.Text.StringBuilder _text = new();

        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_lock)
            {
                _text.Append(value);
            }
        }

        public override void Write(string? value)
        {
            lock (_lock)
            {
                _text.Append(value);
            }
        }

        public override void Write(char[] buffer, int index, int count)
        {
            lock (_lock)
            {
                _text.Append(buffer, index, count);
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }

    private static bool IsValue(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.FullName is "hashmatch.v1.EntryKey" or "hashmatch.v1.Entry",
        FieldType.Bytes => true,
        FieldType.String => field.Name is "hash" or "value" or "pdq" or "md5" or "sha1" or "sha256" or "digest"
            or "hashes" or "values",
        _ => false,
    };

    private static MeterListener Listen(ConcurrentQueue<string> measured)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) => self.EnableMeasurementEvents(instrument),
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.Start();
        return listener;

        void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measured.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}");
    }

    private async Task CallAsync(string caller, MethodDescriptor method)
    {
        var credential = new Credential(
            caller, caller, new Dictionary<string, string> { ["x-api-key"] = _server.KeyOf(caller) });
        if (await Rpc.CallAsync(_server.Running.Channel, method, credential, Cancellation) is { } error)
        {
            _replies.Enqueue($"{caller} {error} {error.GetRpcStatus()} {error.Trailers}");
        }

        if (!method.IsClientStreaming && !method.IsServerStreaming)
        {
            await AnswerAsync(caller, () => RawAsync(caller, method, []));
        }
    }

    // What is asked wrongly, or of what is not there.
    private async Task FailAsync(string caller, PdqHash planted)
    {
        string near = RedactionTests.Turn(planted, 9).ToString();
        V1.HashLists.HashListsClient lists = _server.Lists(caller);
        await AnswerAsync(caller, async () => await lists.GetListAsync(
            new V1.GetListRequest { Name = "planted" }, cancellationToken: Cancellation));
        await AnswerAsync(caller, async () => await lists.RemoveEntriesAsync(
            new V1.RemoveEntriesRequest
            {
                Name = "planted",
                Keys = { new V1.EntryKey { Type = V1.HashType.Pdq, Value = near } },
            },
            cancellationToken: Cancellation));
        await AnswerAsync(caller, async () => await lists.AddEntriesAsync(
            new V1.AddEntriesRequest
            {
                Name = "planted",
                Entries = { new V1.Entry { Type = V1.HashType.Pdq, Value = "not hex", ExternalId = "x" } },
            },
            cancellationToken: Cancellation));
        await AnswerAsync(caller, async () => await lists.ActivateVersionAsync(
            new V1.ActivateVersionRequest { Name = "planted", Version = 9 }, cancellationToken: Cancellation));
        await AnswerAsync(caller, async () => await lists.ReleaseEntriesAsync(
            new V1.ReleaseEntriesRequest
            {
                Name = "planted",
                Keys = { new V1.EntryKey { Type = V1.HashType.Pdq, Value = near } },
            },
            cancellationToken: Cancellation));
        await AnswerAsync(caller, async () => await _server.Events(caller).ListEventsAsync(
            new V1.ListEventsRequest(), cancellationToken: Cancellation));
        await AnswerAsync(caller, async () => await _server.UploadAsync(caller, DrawnPicture.Draw(1), Cancellation));
        await AnswerAsync(caller, async () => await _server.UploadAsync(caller, [1, 2, 3], Cancellation));
    }

    private async Task AnswerAsync(string caller, Func<Task<IMessage>> call)
    {
        try
        {
            _replies.Enqueue($"{caller} {await call()}");
        }
        catch (RpcException e)
        {
            _replies.Enqueue($"{caller} {e} {e.GetRpcStatus()} {e.Trailers}");
        }
    }

    private async Task<IMessage> RawAsync(string caller, MethodDescriptor method, byte[] request)
    {
        var marshaller = Marshallers.Create(static (byte[] sent) => sent, static got => got);
        var raw = new Method<byte[], byte[]>(
            MethodType.Unary, method.Service.FullName, method.Name, marshaller, marshaller);
        byte[] answer = await _server.As(caller).AsyncUnaryCall(
            raw, null, new CallOptions(cancellationToken: Cancellation), request);
        return method.OutputType.Parser.ParseFrom(answer);
    }
}
