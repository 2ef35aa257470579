using Google.Protobuf;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Pdq;
using HashMatch.Server.Services;
using HashMatch.Tests.Matching;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Tests.Server;

/// <summary>What a query of a batch costs the collector: most find nothing, and there are 10,000 in a call.</summary>
public sealed class VerdictMemoryTests
{
    private const int Verdicts = 2000;
    private const long MostBytes = 850;

    [Theory]
    [InlineData(ListKind.Match)]
    [InlineData(ListKind.Negative)]
    public void A_hash_without_a_match_allocates_little_from_query_to_message(ListKind kind)
    {
        var random = new Random(47);
        HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy(), Samples.Entry(Samples.Pdq(random), "known")),
            Contents.List(
                "b", new MatchPolicy { Kind = kind, ExpiresAt = DateTimeOffset.MaxValue },
                Samples.Entry(Samples.Pdq(random), "known")));
        var matcher = new Matcher(
            new MatcherOptions(), TimeProvider.System, new FloodWatch(new QuarantineOptions(), () => null));
        byte[] bytes = new byte[PdqHash.ByteCount];
        Samples.Pdq(random).Write(bytes);
        var query = new V1.HashQuery { PdqBytes = ByteString.CopyFrom(bytes) };
        V1.ListVersionRef[]? versions = null;
        V1.MatchResponse response = Answer();
        Assert.Equal(V1.Outcome.NoKnownMatch, response.Outcome);
        Assert.Equal(["a", "b"], response.ListVersions.Select(version => version.List));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Verdicts; i++)
        {
            Answer();
        }

        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Verdicts;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} bytes a verdict");
        Assert.InRange(each, 1, MostBytes);

        V1.MatchResponse Answer()
        {
            Verdict verdict = matcher.Decide(index, MatchingMessages.Read(query, 0));
            versions ??= MatchingMessages.Of(verdict.ListVersions);
            return MatchingMessages.Of(verdict, "", versions, details: true);
        }
    }
}
