using System.Collections.Concurrent;
using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class IndexAssemblyTests
{
    // So small that a few edits fill a delta, and a few deltas make a part that is merged.
    private static readonly IndexSizes Small = new() { DeltaRows = 16, SmallRows = 60, Ratio = 2, WaitingDeltas = 2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_snapshot_that_is_held_answers_what_brute_force_answers_over_its_lists() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            using CurrentIndex current = new();
            using IndexAssembly assembly = new(current, Small, mergesItself: false);
            ModelWriter writer = new(random);
            List<(IndexLease Lease, ModelList[] Lists)> held = [];
            for (int step = 0; step < 40; step++)
            {
                if (step == 0 || random.Next(3) > 0)
                {
                    writer.Change();
                    assembly.Publish(writer.Indexed, Token);
                }
                else
                {
                    assembly.Merge(sealing: random.Next(2) == 0);
                }

                held.Add((current.Acquire()!, writer.Lists));
                if (held.Count > 4)
                {
                    int ended = random.Next(held.Count);
                    held[ended].Lease.Dispose();
                    held.RemoveAt(ended);
                }

                (IndexLease lease, ModelList[] lists) = held[random.Next(held.Count)];
                ModelList.Check(lease.Index, lists, random, writer.Centres);
                Assert.All(held, each => Assert.All(each.Lease.Index.Parts, part => Assert.False(part.Part.IsFreed)));
            }

            held.ForEach(each => ModelList.Check(each.Lease.Index, each.Lists, random, writer.Centres));
            held.ForEach(each => each.Lease.Dispose());
            Assert.Equal(current.Value!.NativeBytes, assembly.NativeBytes);
            assembly.Dispose();
            Assert.Equal(current.Value.NativeBytes, assembly.NativeBytes);
            current.Dispose();
            Assert.Equal(0, assembly.NativeBytes);
        },
        iter: 60,
        threads: 2);

    [Fact]
    public async Task Readers_beside_a_writer_and_its_merges_see_one_generation_each()
    {
        Random random = new(7);
        using CurrentIndex current = new();
        using IndexAssembly assembly = new(current, Small, mergesItself: true);
        ModelWriter writer = new(random);
        ConcurrentDictionary<long, ModelList[]> models = [];
        Publish();
        int ended = 0;
        int generations = 0;
        Task[] readers =
        [
            .. Enumerable.Range(0, 2).Select(reader => Task.Run(
                () =>
                {
                    Random own = new(reader);
                    long last = 0;
                    for (bool again = true; again;)
                    {
                        // One more look after the end sees the last generation.
                        again = Volatile.Read(ref ended) == 0;
                        using IndexLease lease = current.Acquire()!;
                        Assert.True(lease.Index.Generation >= last);
                        Interlocked.Add(ref generations, lease.Index.Generation > last ? 1 : 0);
                        last = lease.Index.Generation;
                        ModelList.Check(lease.Index, models[last], own, writer.Centres);
                        ModelList.Check(lease.Index, models[last], own, writer.Centres);
                    }

                    Assert.Equal(models.Keys.Max(), last);
                },
                Token)),
        ];
        // On, too, until a reader has seen one generation after another: on a busy machine they begin late.
        for (int step = 0; step < 1500 || !SawSome(); step++)
        {
            writer.Change();
            Publish();
        }

        Volatile.Write(ref ended, 1);
        await Task.WhenAll(readers);
        Assert.Null(assembly.MergeFault);
        Assert.True(generations > readers.Length);
        assembly.Dispose();
        Assert.Equal(current.Value!.NativeBytes, assembly.NativeBytes);

        bool SawSome() =>
            Volatile.Read(ref generations) > readers.Length || Array.Exists(readers, reader => reader.IsCompleted);

        void Publish()
        {
            models[(current.Value?.Generation ?? 0) + 1] = writer.Lists;
            assembly.Publish(writer.Indexed, Token);
        }
    }

    [Fact]
    public void Many_edits_leave_few_parts_and_one_edit_leaves_the_others_alone()
    {
        Random random = new(3);
        using CurrentIndex current = new();
        using IndexAssembly assembly = new(current, new IndexSizes { DeltaRows = 64 }, mergesItself: false);
        ListSegment[] loaded = [.. Contents.Segments(Many(random, 2000))];
        VersionContent? content = VersionContent.Create(loaded, []);
        assembly.Publish([new IndexedList("l", 1, new MatchPolicy(), content)], Token);
        IndexPart large = Assert.Single(current.Value!.Parts).Part;
        List<ListSegment> deltas = [];
        for (int edit = 0; edit < 500; edit++)
        {
            deltas.AddRange(Contents.Segments(Many(random, 1)));
            content = VersionContent.CreateAfter(content, loaded, deltas);
            assembly.Publish([new IndexedList("l", edit + 2, new MatchPolicy(), content)], Token);
            Assert.Equal(2000 + deltas.Count, current.Value.Lists[0].Content.Counts.Pdq);
            Assert.InRange(current.Value.Parts.Count, 2, 3 + new IndexSizes().WaitingDeltas);
            Assert.Same(large, current.Value.Parts[0].Part);
        }

        Assert.True(assembly.Merge());
        Assert.False(assembly.Merge());
        Assert.InRange(current.Value.Parts.Count, 1, 2);
        Assert.Equal(501, current.Value.Generation);
        Assert.True(large.IsFreed);
    }

    [Fact]
    public void What_no_list_uses_any_more_is_freed()
    {
        Random random = new(4);
        using CurrentIndex current = new();
        using IndexAssembly assembly = new(current, new IndexSizes(), mergesItself: false);
        IndexedList old = Contents.List("l", new MatchPolicy(), Many(random, 5000));
        assembly.Publish([old], Token);
        IndexPart part = Assert.Single(current.Value!.Parts).Part;
        IndexLease lease = current.Acquire()!;
        assembly.Publish([Contents.List("l", new MatchPolicy(), Many(random, 10))], Token);
        Assert.False(part.IsFreed);
        lease.Dispose();
        lease.Dispose();
        Assert.True(part.IsFreed);
        Assert.Throws<ObjectDisposedException>(() => lease.Index);
        Assert.Equal(current.Value.NativeBytes, assembly.NativeBytes);
    }

    [Fact]
    public void A_snapshot_that_is_freed_answers_nothing_and_says_so()
    {
        HashIndex index = Contents.Index(Contents.List("l", new MatchPolicy(), Many(new Random(5), 10)));
        using CurrentIndex current = new();
        Assert.Null(current.Acquire());
        current.Publish(index);
        using (IndexLease lease = current.Acquire()!)
        {
            current.Publish(Contents.Index());
            Assert.Same(index, lease.Index);
            index.Find(default(QueryHash), []);
        }

        Assert.Throws<ObjectDisposedException>(() => index.Find(default(QueryHash), []));
        Assert.Throws<ObjectDisposedException>(() => index.Find(default, new FindLimit(1, default), []));
        Assert.Throws<ObjectDisposedException>(() => index.Find(HashType.Md5, new byte[16], []));
        Assert.Throws<ObjectDisposedException>(() => index.FindMany(
            new QueryHash[100], null, new FoundCandidates(), Token));
        Assert.Throws<ObjectDisposedException>(() => index.FindNearest(default, 1));
        Assert.Equal(1, index.Lists[0].Version);
        index.Dispose();
    }

    [Fact]
    public void An_index_that_does_not_fit_is_refused_by_bytes_and_the_old_one_stays()
    {
        Random random = new(6);
        using CurrentIndex current = new();
        using IndexAssembly assembly = new(
            current, new IndexSizes { MaxBuildBytes = 200_000 }, mergesItself: false);
        IndexedList known = Contents.List("l", new MatchPolicy(), Many(random, 100));
        assembly.Publish([known], Token);
        long bytes = assembly.NativeBytes;
        IndexTooLargeException refused = Assert.Throws<IndexTooLargeException>(() => assembly.Publish(
            [known, Contents.List("m", new MatchPolicy(), Many(random, 20_000))], Token));
        Assert.Equal(200_000, refused.AvailableBytes);
        Assert.InRange(refused.NeededBytes, 20_000 * 32, long.MaxValue);
        Assert.Equal([known], current.Value!.Lists);
        Assert.Equal(bytes, assembly.NativeBytes);
        assembly.Publish([known with { Version = 2 }], Token);
        Assert.Equal(2, current.Value.Generation);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        Random random = new(8);
        PdqHash centre = Samples.Pdq(random);
        using HashIndex index = Contents.Index(
            Contents.List("a", new MatchPolicy(), Enumerable.Range(0, 500)
                .Select(i => Samples.Entry(Samples.Near(random, centre, random.Next(20)), $"{i}"))
                .DistinctBy(Samples.KeyOf)),
            Contents.List("b", new MatchPolicy { MaxDistance = 63 }, Many(random, 500)));
        QueryHash query = new(centre, Orientation.Original, 100);
        byte[] digest = new byte[32];
        List<Candidate> found = [];
        Look();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Look();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Look()
        {
            for (int i = 0; i < 50; i++)
            {
                found.Clear();
                index.Find(query, found);
                index.Find(query, new FindLimit(20, ModelList.Now), found);
                index.Find(HashType.Sha256, digest, found);
            }
        }
    }

    [Fact]
    public void Many_hashes_at_once_find_what_each_finds() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            ModelWriter writer = new(random);
            for (int i = 0; i < 8; i++)
            {
                writer.Change();
            }

            using HashIndex index = HashIndex.Build(1, writer.Indexed);
            QueryHash[] queries =
            [
                .. Enumerable.Range(0, random.Next(200)).Select(_ => new QueryHash(
                    Samples.Near(random, writer.Centres[0], random.Next(40)), Orientation.Original, 100)),
            ];
            FoundCandidates batch = new();
            FindLimit? limit = random.Next(2) == 0 ? new FindLimit(1 + random.Next(4), ModelList.Now) : null;
            index.FindMany(queries, limit, batch, Token);
            index.FindMany(queries, limit, batch, Token);
            Assert.Equal(queries.Length, batch.Count);
            List<Candidate> found = [];
            for (int i = 0; i < queries.Length; i++)
            {
                found.Clear();
                bool more = false;
                if (limit is { } most)
                {
                    more = index.Find(queries[i], most, found);
                }
                else
                {
                    index.Find(queries[i], found);
                }

                Assert.Equal(found, batch[i].ToArray());
                Assert.Equal(more, batch.HasMore(i));
            }
        },
        iter: 20,
        threads: 1);

    private static IEnumerable<HashEntry> Many(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Samples.Entry(random, HashType.Pdq, $"{i}"))];
}
