using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using HashMatch.Server.Recording;
using HashMatch.Server.Services;
using HashMatch.Uploads;
using Xunit;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Tests.Server;

public sealed class MessageTests
{
    private static readonly string Hex = string.Concat(Enumerable.Repeat("0f", 32));

    [Fact]
    public void A_stream_says_what_is_done_with_an_entry()
    {
        var entry = new V1.Entry { Type = V1.HashType.Pdq, Value = Hex, Record = "r", Line = 7 };
        ListLine upsert = ListMessages.Read(entry, 1);
        Assert.Equal((7L, "r"), (upsert.Line, upsert.Record));
        Assert.NotNull(upsert.Entry);
        ListLine restate = ListMessages.Read(new V1.Entry { Op = V1.EntryOp.Restate, Record = "r" }, 2);
        Assert.True(restate.VoidsRecord);
        Assert.Equal(2, restate.Line);
        ListLine delete = ListMessages.Read(
            new V1.Entry { Op = V1.EntryOp.Delete, Type = V1.HashType.Pdq, Value = Hex }, 3);
        Assert.Equal(HashType.Pdq, delete.Removed?.Type);
        V1.Entry[] wrong =
        [
            new() { Op = V1.EntryOp.Delete, Type = V1.HashType.Pdq, Value = "xyz" },
            new() { Op = V1.EntryOp.Delete, Type = V1.HashType.Pdq, Value = Hex, Record = "r" },
            new() { Op = V1.EntryOp.Restate },
            new() { Op = (V1.EntryOp)9, Type = V1.HashType.Pdq, Value = Hex },
        ];
        Assert.All(wrong, each => Assert.NotNull(ListMessages.Read(each, 1).Error));

        // An edit has a call of its own for removals.
        Assert.Equal("entries[0].op", FieldOf(() => ListMessages.Read([entry])));
        ListLine leftOut = ListMessages.Read(new V1.LeftOut { Type = "photodna", Count = ulong.MaxValue }, 1);
        Assert.Equal(new LeftOutCount("photodna", long.MaxValue), leftOut.LeftOut);
    }

    [Fact]
    public void Enums_keep_their_names_on_the_wire()
    {
        Same(MatchingMessages.Of, Enum.GetValues<Orientation>());
        Same(MatchingMessages.Of, Enum.GetValues<Outcome>());
        Same(MatchingMessages.Of, Enum.GetValues<MatchAction>());
        Same(MatchingMessages.Of, Enum.GetValues<HashType>());
        Same(MatchingMessages.Of, Enum.GetValues<UnhashableReason>()[1..]);
        Same(MatchingMessages.Of, Enum.GetValues<QueryRendition>());
        Same(MatchingMessages.Of, Enum.GetValues<RenditionKind>());
        Assert.Equal(V1.UnhashableReason.Unspecified, MatchingMessages.Of(UnhashableReason.None));

        static void Same<TDomain, TProto>(Func<TDomain, TProto> map, TDomain[] values) =>
            Assert.All(values, value => Assert.Equal($"{value}", $"{map(value)}", ignoreCase: true));
    }

    [Fact]
    public void No_options_are_the_defaults_and_only_digests_that_are_held_are_computed()
    {
        UploadOptions options = MatchingMessages.Read(null, type => type == HashType.Sha1);
        Assert.Equal(
            new UploadOptions { Fidelity = PdqFidelity.Fast, Md5 = false, Sha1 = true, Sha256 = false }, options);
        Assert.False(MatchingMessages.Read(null, _ => true, trim: false).Trim);
        Assert.Equal(
            PdqFidelity.Reference,
            MatchingMessages.Read(new V1.MatchOptions { Fidelity = V1.Fidelity.Reference }, _ => true).Fidelity);
    }

    [Fact]
    public void Bad_options_are_named()
    {
        Assert.Equal("options.fidelity", FieldOf(() => Read(new V1.MatchOptions { Fidelity = (V1.Fidelity)9 })));
        Assert.Equal(
            "options.reference", FieldOf(() => Read(new V1.MatchOptions { Reference = new string('x', 129) })));
        Read(new V1.MatchOptions { Reference = new string('x', 128) });
        // 128 characters, twice as many UTF-16 units.
        Read(new V1.MatchOptions { Reference = string.Concat(Enumerable.Repeat("🜁", 128)) });

        static void Read(V1.MatchOptions options) => MatchingMessages.Read(options, _ => true);
    }

    [Fact]
    public void A_query_is_a_hash_or_a_digest()
    {
        MatchQuery text = MatchingMessages.Read(new V1.HashQuery { Pdq = Hex.ToUpperInvariant() }, 0);
        MatchQuery bytes = MatchingMessages.Read(
            new V1.HashQuery { PdqBytes = ByteString.CopyFrom(Convert.FromHexString(Hex)), Quality = 70 }, 0);
        Assert.Equal((Hex, 100), (text.Hashes.Single().Hash.ToString(), text.Quality));
        Assert.Equal((Hex, 70), (bytes.Hashes.Single().Hash.ToString(), bytes.Quality));
        MatchQuery digest = MatchingMessages.Read(new V1.HashQuery { Md5 = Hex[..32] }, 0);
        Assert.Empty(digest.Hashes);
        Assert.Equal(Hex[..32], Convert.ToHexStringLower(digest.Digests.Md5.Span));
        Assert.Equal(20, MatchingMessages.Read(new V1.HashQuery { Sha1 = Hex[..40] }, 0).Digests.Sha1.Length);
        Assert.Equal(32, MatchingMessages.Read(new V1.HashQuery { Sha256 = Hex }, 0).Digests.Sha256.Length);
    }

    [Fact]
    public void A_bad_query_is_named_by_its_place()
    {
        Assert.Equal("queries[3].pdq", FieldOf(() => Read(new V1.HashQuery { Pdq = Hex[1..] })));
        Assert.Equal("queries[3].pdq", FieldOf(() => Read(new V1.HashQuery { Pdq = "g" + Hex[1..] })));
        Assert.Equal("queries[3].md5", FieldOf(() => Read(new V1.HashQuery { Md5 = "" })));
        Assert.Equal("queries[3].sha1", FieldOf(() => Read(new V1.HashQuery { Sha1 = Hex })));
        Assert.Equal("queries[3].sha256", FieldOf(() => Read(new V1.HashQuery { Sha256 = Hex + "0" })));
        Assert.Equal("queries[3].pdq_bytes", FieldOf(() => Read(new V1.HashQuery { PdqBytes = ByteString.Empty })));
        Assert.Equal("queries[3].quality", FieldOf(() => Read(new V1.HashQuery { Pdq = Hex, Quality = 101 })));
        Assert.Equal("queries[3].value", FieldOf(() => Read(new V1.HashQuery())));

        static void Read(V1.HashQuery query) => MatchingMessages.Read(query, 3);
    }

    [Fact]
    public void A_policy_that_is_not_given_is_the_default_one()
    {
        Assert.Equal(new MatchPolicy(), ListMessages.ReadPolicy(null));
        Assert.Equal(new MatchPolicy(), ListMessages.ReadPolicy(new V1.Policy()));
        MatchPolicy read = ListMessages.ReadPolicy(new V1.Policy
        {
            Enabled = false,
            Shadow = true,
            MaxDistance = 0,
            MinQuality = uint.MaxValue,
            Action = V1.Action.Review,
            Trim = false,
        });
        Assert.Equal((false, true, 0, MatchAction.Review), (read.Enabled, read.Shadow, read.MaxDistance, read.Action));
        Assert.False(read.Trim);
        Assert.False(ListMessages.Read(new V1.UpdateListRequest { Policy = new V1.Policy { Trim = false } }).Trim);
        Assert.NotNull(read.Problem());
        Assert.Equal(
            "policy.action", FieldOf(() => ListMessages.ReadPolicy(new V1.Policy { Action = V1.Action.Allow })));
    }

    [Fact]
    public void An_update_holds_only_what_was_said()
    {
        Assert.Equal(new ListUpdate(), ListMessages.Read(new V1.UpdateListRequest { Name = "a" }));
        Assert.Equal(
            new ListUpdate { Description = "", Shadow = false, ExpectedRevision = 7 },
            ListMessages.Read(new V1.UpdateListRequest
            {
                Description = "",
                Policy = new V1.Policy { Shadow = false },
                ExpectedRevision = 7,
            }));
        Assert.Equal(long.MaxValue, ListMessages.Version(ulong.MaxValue));
    }

    [Fact]
    public void An_entry_of_a_stream_is_read_or_says_what_is_wrong()
    {
        var entry = new V1.Entry
        {
            Type = V1.HashType.Pdq,
            Value = Hex,
            ExternalId = "id",
            Classification = "c",
            Severity = "s",
            Note = "n",
            ExpiresAt = new Timestamp { Seconds = 100, Nanos = 5 },
        };
        ListLine line = ListMessages.Read(entry, 4);
        Assert.Equal((4, null), (line.Line, line.Error));
        Assert.Equal(("id", "c", "s", "n"), (
            line.Entry!.ExternalId, line.Entry.Classification, line.Entry.Severity, line.Entry.Note));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(100), line.Entry.ExpiresAt);

        Assert.Contains("PDQ", ErrorOf(new V1.Entry { Value = Hex }), StringComparison.Ordinal);
        Assert.Contains("64", ErrorOf(new V1.Entry { Type = V1.HashType.Pdq, Value = "00" }), StringComparison.Ordinal);
        Assert.Contains("year", ErrorOf(new V1.Entry
        {
            Type = V1.HashType.Pdq,
            Value = Hex,
            ExpiresAt = new Timestamp { Seconds = long.MaxValue },
        }), StringComparison.Ordinal);

        static string ErrorOf(V1.Entry entry) => ListMessages.Read(entry, 1).Error!;
    }

    [Fact]
    public void A_bad_entry_of_an_edit_is_named_by_its_place()
    {
        var good = new V1.Entry { Type = V1.HashType.Pdq, Value = Hex };
        Assert.Equal("entries[1].value", FieldOf(() => ListMessages.Read(
            [good, new V1.Entry { Type = V1.HashType.Md5, Value = Hex }])));
        Assert.Equal("keys[0].type", FieldOf(() => ListMessages.Read([new V1.EntryKey { Value = Hex }])));
    }

    [Fact]
    public void Events_go_through_the_store_whole_and_hold_no_hash()
    {
        var match = new Match
        {
            List = "list",
            ListVersion = 3,
            ExternalId = "x",
            Classification = "c",
            Severity = "s",
            Type = HashType.Pdq,
            Distance = 6,
            Orientation = Orientation.FlippedX,
            Frame = 12,
            Rendition = QueryRendition.OverBlack,
            Action = MatchAction.Block,
        };
        var verdict = new Verdict
        {
            Id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            Time = DateTimeOffset.UnixEpoch,
            Outcome = Outcome.Near,
            Action = MatchAction.Block,
            Matches = [match],
            ShadowMatches = [match with { List = "shadow" }],
            Hash = PdqHash.Read(Convert.FromHexString(Hex)),
            Generation = 1,
            ListVersions = [],
        };
        V1.MatchEvent[] made = [.. EventMessages.Of(new MatchRecord(verdict, "ref"))];
        V1.MatchEvent[] read = [.. made.Select((e, i) => EventMessages.Read(
            new StoredEvent($"{i}", e.ToByteArray())))];
        Assert.Equal(
            [("0", "list", false), ("1", "shadow", true)], read.Select(e => (e.Cursor, e.Match.List, e.Shadow)));
        Assert.All(read, e => Assert.Equal(
            (verdict.Id, "ref", V1.Outcome.Near), (e.VerdictId, e.Reference, e.Outcome)));
        Assert.All(read, e => Assert.Equal(
            (12u, V1.Rendition.OverBlack), (e.Match.Frame, e.Match.Rendition)));
        Assert.DoesNotContain(Hex, read[0].ToString(), StringComparison.Ordinal);
        Assert.Throws<StoreCorruptException>(() => EventMessages.Read(new StoredEvent("0", new byte[] { 0xff })));
    }

    [Fact]
    public void Every_rendition_of_a_hashed_upload_is_returned()
    {
        Rendition[] renditions =
        [
            new(0, RenditionKind.Whole, Eight(1, 90), Eight(2, 91)),
            new(0, RenditionKind.Trimmed, Eight(3, 80), Eight(4, 81)),
            new(40, RenditionKind.OverWhite, Eight(5, 70), Eight(6, 71)),
        ];
        var upload = new HashedUpload
        {
            Query = new MatchQuery(),
            Format = ImageFormat.Gif,
            Width = 7,
            Height = 9,
            FrameCount = 77,
            Renditions = renditions,
        };
        V1.HashResponse response = MatchingMessages.Of(upload, new V1.HashRequest());
        Assert.Equal(77u, response.FrameCount);
        Assert.Equal((response.Hash, response.Quality), (response.Renditions[0].Hash, response.Renditions[0].Quality));
        Assert.Equal(
            [(0u, V1.Rendition.Whole, 90u), (0u, V1.Rendition.Trimmed, 80u), (40u, V1.Rendition.OverWhite, 70u)],
            response.Renditions.Select(r => (r.Frame, r.Rendition, r.Quality)));
        Assert.All(response.Renditions, r => Assert.Empty(r.Dihedral));
        response = MatchingMessages.Of(upload, new V1.HashRequest { AsStored = true, Dihedral = true });
        Assert.Equal(renditions.Select(r => $"{r.AsStored[default]}"), response.Renditions.Select(r => r.Hash));
        Assert.All(response.Renditions, r => Assert.Equal(8, r.Dihedral.Count));
        Assert.Equal(response.Dihedral, response.Renditions[0].Dihedral);

        static DihedralHashes Eight(ulong seed, int quality) => new(
            [.. Enumerable.Range(0, 8).Select(i => new PdqHash(seed, (ulong)i, 0, 0))], quality);
    }

    private static string FieldOf(Action read)
    {
        var error = Assert.Throws<RpcException>(read);
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        return error.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations.Single().Field;
    }
}
