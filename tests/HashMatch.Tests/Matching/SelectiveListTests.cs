using System.Text;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>Lists that some uploads are looked up in: samples, and lists that expire.</summary>
public sealed class SelectiveListTests
{
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");

    private readonly ManualTime _time = new();

    [Fact]
    public void A_sample_has_about_its_part_of_uploads_and_a_larger_one_holds_it()
    {
        Random random = new(61);
        PdqHash[] uploads = [.. Enumerable.Range(0, 4000).Select(_ => Samples.Pdq(random))];
        bool[] before = new bool[uploads.Length];
        foreach (int percent in (int[])[0, 1, 10, 50, 99, 100])
        {
            HashIndex index = Contents.Index(Sampled(percent, Id, uploads[0]));
            bool[] sampled = [.. uploads.Select(upload => Decide(index, upload).ListVersions.Count > 0)];
            Assert.InRange(sampled.Count(each => each), (percent - 3) * 40, (percent + 3) * 40);
            Assert.All(before.Zip(sampled), each => Assert.True(!each.First || each.Second));
            Assert.Equal(percent == 100, sampled.All(each => each));
            Assert.Equal(percent == 0, !sampled.Any(each => each));
            before = sampled;
        }
    }

    [Fact]
    public void Lists_sample_apart_from_each_other_and_the_same_everywhere()
    {
        Random random = new(62);
        HashIndex one = Contents.Index(Sampled(50, Id, Samples.Pdq(random)));
        HashIndex other = Contents.Index(Sampled(50, Guid.NewGuid(), Samples.Pdq(random)));
        int same = Enumerable.Range(0, 1000).Select(_ => Samples.Pdq(random))
            .Count(each => Decide(one, each).ListVersions.Count == Decide(other, each).ListVersions.Count);
        Assert.InRange(same, 400, 600);

        // Worked out apart from this code: another process, or build, must say the same.
        Assert.Equal(
            885495742073739543UL,
            StableHash.Of(Id, StableHash.Of(new MatchQuery { Hashes = [new QueryHash(default, default, 100)] })));
    }

    [Fact]
    public void What_was_not_looked_up_is_not_named_and_matches_nothing()
    {
        PdqHash known = Samples.Pdq(new Random(63));
        HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy(), Samples.Entry(Samples.Pdq(new Random(64)))),
            Sampled(0, Id, known) with { Name = "b" });
        Verdict verdict = Decide(index, known);
        Assert.Equal(Outcome.NoKnownMatch, verdict.Outcome);
        Assert.Equal(["a"], verdict.ListVersions.Select(version => version.List));
        HashEntry digest = Samples.Entry(new Random(65), HashType.Sha256);
        byte[] bytes = new byte[32];
        digest.Value.Write(bytes);
        index = Contents.Index(Contents.List("d", new MatchPolicy { SamplePercent = 0 }, digest));
        verdict = new Matcher(new MatcherOptions(), _time).Decide(
            index, new MatchQuery { Digests = new Digests(default, default, bytes) });
        Assert.Equal(Outcome.NoKnownMatch, verdict.Outcome);
        Assert.Empty(verdict.ListVersions);
    }

    [Fact]
    public void A_list_that_has_expired_matches_nothing_and_is_no_active_list()
    {
        PdqHash known = Samples.Pdq(new Random(66));
        DateTimeOffset at = _time.GetUtcNow().AddSeconds(10);
        HashIndex index = Contents.Index(
            Contents.List("l", new MatchPolicy { ExpiresAt = at, MinQuality = 100 }, Samples.Entry(known)));
        Assert.True(index.Matches(_time.GetUtcNow()));
        Assert.Equal(Outcome.Near, Decide(index, known).Outcome);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(index.Matches(_time.GetUtcNow()));
        Verdict verdict = new Matcher(new MatcherOptions(), _time).Decide(
            index, new MatchQuery { Hashes = [new QueryHash(known, default, 60)] });
        Assert.Equal(Outcome.NoKnownMatch, verdict.Outcome);
        Assert.Empty(verdict.ListVersions);
    }

    [Fact]
    public void Documents_of_before_these_fields_read_as_lists_that_match_every_upload()
    {
        const string Old = """
            {"format":1,"list":{"name":"l","id":"00112233-4455-6677-8899-aabbccddeeff","description":"",
            "policy":{"enabled":true,"shadow":false,"maxDistance":20,"minQuality":40,"trim":false,"action":"Review"},
            "activeVersion":0,"activations":[],"versions":[],"nextVersion":1,
            "createdAt":"2026-11-24T12:00:00+00:00","updatedAt":"2026-11-24T12:00:00+00:00","revision":1}}
            """;
        HashList list = ListDocument.Decode(new StoredList("l", 1, Encoding.UTF8.GetBytes(Old)));
        Assert.Equal(
            new MatchPolicy { MaxDistance = 20, MinQuality = 40, Trim = false, Action = MatchAction.Review },
            list.Policy);
        Assert.Equal((ListKind.Match, true, 100), (
            list.Policy.Kind, list.Policy.Suppresses.IsEvery, list.Policy.SamplePercent));
        HashList set = list with
        {
            Policy = list.Policy with
            {
                Kind = ListKind.Negative,
                Suppresses = new ListNames(["b", "a"]),
                SamplePercent = 7,
                ExpiresAt = _time.GetUtcNow(),
            },
        };
        Assert.Equal(set.Policy, ListDocument.Decode(ListDocument.Encode(set)).Policy);
    }

    private static IndexedList Sampled(int percent, Guid id, PdqHash known) =>
        Contents.List("l", new MatchPolicy { SamplePercent = percent }, Samples.Entry(known)) with { Id = id };

    private Verdict Decide(HashIndex index, PdqHash hash) => new Matcher(new MatcherOptions(), _time)
        .Decide(index, new MatchQuery { Hashes = [new QueryHash(hash, default, 100)] });
}
