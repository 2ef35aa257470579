using HashMatch.Benchmarks.Searching;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Benchmarks;

public sealed class DataSetTests
{
    public static TheoryData<string> Kinds => [.. Enum.GetNames<DataKind>()];

    [Theory]
    [InlineData(nameof(DataKind.Balanced))]
    [InlineData(nameof(DataKind.Clustered))]
    [InlineData(nameof(DataKind.Skewed))]
    [InlineData(nameof(DataKind.Equal))]
    public void Hashes_have_128_bits_set(string kind)
    {
        HashValue[] hashes = Read(kind, 5000);
        Assert.All(hashes, hash => Assert.Equal(128, Distance(hash, default)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_part_that_is_read_alone_is_what_the_whole_holds(string kind)
    {
        HashValue[] all = Read(kind, 3000);
        var part = new HashValue[900];
        Source(kind, 3000).Fill(701, part);
        Assert.Equal(all[701..1601], part);
    }

    [Fact]
    public void Kinds_are_as_near_to_each_other_as_they_say()
    {
        Assert.Single(Read(nameof(DataKind.Equal), 600).Distinct());
        Assert.Equal(0, NearPairs(Read(nameof(DataKind.Balanced), 1024)));
        Assert.Equal(0, NearPairs(Read(nameof(DataKind.Uniform), 1024)));
        Assert.InRange(NearPairs(Read(nameof(DataKind.Clustered), 1024)), 10_000, 3 * 256 * 255);
    }

    [Fact]
    public void Skewed_bits_are_set_as_often_as_the_data_set_says_and_not_evenly()
    {
        HashValue[] hashes = Read(nameof(DataKind.Skewed), 4096);
        double[] shares = [.. Enumerable.Range(0, 64).Select(
            bit => hashes.Count(hash => ((hash.A >> bit) & 1) != 0) / (double)hashes.Length)];
        Assert.InRange(shares.Min(), 0.1, 0.3);
        Assert.InRange(shares.Max(), 0.7, 0.9);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_planted_query_is_at_its_distance_from_its_entry(string kind)
    {
        HashValue[] hashes = Read(kind, 2000);
        PlannedQuery[] queries = new QueryPlan(Source(kind, 2000), 2, 40, unrelated: 8).Take(0, 800);
        foreach (PlannedQuery query in queries.Where(query => query.Row >= 0))
        {
            Assert.Equal(query.Distance, Distance(hashes[query.Row], query.Hash));
        }

        Assert.Equal(100, queries.Count(query => query.Row < 0));
        Assert.Equal(Enumerable.Range(-1, 42), queries.Select(query => query.Distance).Distinct().Order());
    }

    [Fact]
    public void Near_hashes_stay_balanced_and_every_distance_can_be_planted()
    {
        var random = new RandomBits(7, 0);
        for (int distance = 0; distance <= 256; distance++)
        {
            foreach (HashValue hash in (HashValue[])[random.Balanced(), random.Uniform(), default])
            {
                Assert.Equal(distance, Distance(hash, random.Near(hash, distance)));
            }
        }

        Assert.Equal(128, Distance(random.Near(random.Balanced(), 30), default));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Brute_force_over_planes_is_the_plainest_loop(string kind)
    {
        foreach (int count in (int[])[0, 1, 511, 513, 1300])
        {
            IHashSource source = Source(kind, count);
            using BitPlanes planes = new(source);
            HashValue[] queries = [
                .. new QueryPlan(source, 2, 70, unrelated: 8).Take(0, 80).Select(query => query.Hash), default];
            List<NearRow>[] found = [.. queries.Select(_ => new List<NearRow>())];
            planes.Find(queries, found);
            for (int i = 0; i < queries.Length; i++)
            {
                List<NearRow> plain = [];
                planes.FindPlainly(queries[i], plain);
                Assert.Equal(plain, found[i]);
            }
        }
    }

    [Fact]
    public void Answers_are_the_same_in_any_order_and_differ_by_a_row_a_distance_or_a_repetition()
    {
        Assert.True(AnswerComparison.Same([new(1, 2), new(3, 4)], [new(3, 4), new(1, 2)]));
        Assert.False(AnswerComparison.Same([new(1, 2)], []));
        Assert.False(AnswerComparison.Same([new(1, 2)], [new(2, 2)]));
        Assert.False(AnswerComparison.Same([new(1, 2)], [new(1, 3)]));
        Assert.False(AnswerComparison.Same([new(1, 2), new(3, 4)], [new(1, 2), new(1, 2)]));
    }

    [Fact]
    public void A_file_of_rows_and_one_of_text_hold_the_same_hashes()
    {
        HashValue[] hashes = Read(nameof(DataKind.Skewed), 300);
        string folder = Directory.CreateTempSubdirectory("hashmatch-tests-").FullName;
        try
        {
            string rows = Path.Combine(folder, "rows");
            string text = Path.Combine(folder, "text");
            File.WriteAllBytes(rows, [.. hashes.SelectMany(hash => Convert.FromHexString(hash.ToHex(HashType.Pdq)))]);
            File.WriteAllLines(text, hashes.Select(hash => hash.ToHex(HashType.Pdq) + ",100"));
            Assert.Equal(hashes, All(FileHashes.Read(rows)));
            Assert.Equal(hashes, All(FileHashes.Read(text)));

            File.WriteAllText(text, "not a hash");
            Assert.Throws<InvalidDataException>(() => FileHashes.Read(text));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Options_are_read_and_what_is_not_understood_is_refused()
    {
        SearchOptions? options = SearchOptions.Parse(
            ["--sizes", "1M,300,2K", "--data", "skewed", "--faiss", "a", "--faiss", "b"], new SearchOptions());
        Assert.Equal([1_000_000, 300, 2000], options!.Sizes);
        Assert.Equal(DataKind.Skewed, options.Data);
        Assert.Equal(["a", "b"], options.Faiss);
        Assert.Null(SearchOptions.Parse(["--sizes", "1G"], new SearchOptions()));
        Assert.Null(SearchOptions.Parse(["--data", "9"], new SearchOptions()));
        Assert.Null(SearchOptions.Parse(["--radius"], new SearchOptions()));
    }

    private static GeneratedHashes Source(string kind, int count) => new(Enum.Parse<DataKind>(kind), count, 1);

    private static HashValue[] Read(string kind, int count) => All(Source(kind, count));

    private static HashValue[] All(IHashSource source)
    {
        var hashes = new HashValue[source.Count];
        source.Fill(0, hashes);
        return hashes;
    }

    private static int Distance(HashValue left, HashValue right) => left.ToPdq().Distance(right.ToPdq());

    private static int NearPairs(HashValue[] hashes)
    {
        int near = 0;
        for (int i = 0; i < hashes.Length; i++)
        {
            for (int j = 0; j < hashes.Length; j++)
            {
                near += i != j && Distance(hashes[i], hashes[j]) <= 31 ? 1 : 0;
            }
        }

        return near;
    }
}
