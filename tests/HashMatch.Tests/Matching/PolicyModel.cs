using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;

namespace HashMatch.Tests.Matching;

/// <summary>Lists of all kinds with their entries by hand, and what policy comes to by brute force.</summary>
internal sealed class PolicyModel
{
    private const int Quality = 100;

    private readonly PdqHash[] _centres;

    private PolicyModel(PdqHash[] centres, ModelList[] lists)
    {
        _centres = centres;
        Lists = lists;
    }

    /// <summary>By name.</summary>
    public ModelList[] Lists { get; }

    public static PolicyModel Create(Random random)
    {
        PdqHash[] centres = [Samples.Pdq(random), Samples.Pdq(random)];
        ModelList[] lists =
        [
            .. Enumerable.Range(0, random.Next(2, 7)).Select(place => List(
                $"l{place}", place > 0 && random.Next(2) == 0 ? ListKind.Negative : ListKind.Match, random, centres)),
        ];
        return new PolicyModel(centres, lists);
    }

    public static Found Of(Match match) =>
        new(match.List, match.ExternalId, match.Distance, match.Action, match.Type, match.Frame);

    public MatchQuery Query(Random random)
    {
        byte[] digest = new byte[32];
        HashEntry[] digests =
            [.. Lists.SelectMany(list => list.Live.Values).Where(entry => entry.Type == HashType.Sha256)];
        digests[random.Next(digests.Length)].Value.Write(digest);
        return new MatchQuery
        {
            Hashes =
            [
                .. Enumerable.Range(0, random.Next(1, 5)).Select(frame => new QueryHash(
                    Samples.Near(random, _centres[random.Next(2)], random.Next(20)),
                    Orientation.Original,
                    Quality,
                    frame)),
            ],
            Digests = random.Next(3) == 0 ? new Digests(default, default, digest) : Digests.None,
        };
    }

    public Expected Decide(MatchQuery query, DateTimeOffset now)
    {
        List<(Found Found, HashValue Value, bool Shadow, string? By, bool ByShadow)> all = [];
        HashValue digest = HashValue.Read(query.Digests.Sha256.Span);
        bool hasDigest = query.Digests.Sha256.Length > 0;
        foreach ((ModelList list, HashEntry entry) in Entries(ListKind.Match, now))
        {
            if (entry.Type == HashType.Sha256)
            {
                if (hasDigest && entry.Value == digest)
                {
                    Add(list, entry, 0, 0, Suppressor(list, null, hasDigest, digest, now));
                }

                continue;
            }

            foreach (QueryHash hash in query.Hashes)
            {
                int distance = hash.Hash.Distance(entry.Value.ToPdq());
                if (distance <= list.Indexed.Policy.MaxDistance)
                {
                    Add(list, entry, distance, hash.Frame, Suppressor(list, hash.Hash, hasDigest, digest, now));
                }
            }
        }

        return new Expected(
            [.. Once(all.Where(each => !each.Shadow && (each.By is null || each.ByShadow))).Select(e => e.Found)],
            [.. Once(all.Where(each => each.Shadow && (each.By is null || each.ByShadow))).Select(e => e.Found)],
            [
                .. Once(all.Where(each => each.By is not null), enforcedFirst: true)
                    .Select(each => (each.Found, each.By!, Shadow: each.Shadow || each.ByShadow))
                    .OrderBy(each => each.Shadow),
            ]);

        void Add(ModelList list, HashEntry entry, int distance, int frame, (string By, bool Shadow)? by)
        {
            MatchPolicy policy = list.Indexed.Policy;
            MatchAction action = entry.Classification == HashEntry.Disputed ? MatchAction.Review : policy.Action;
            Found found = new(list.Indexed.Name, entry.ExternalId, distance, action, entry.Type, frame);
            all.Add((found, entry.Value, policy.Shadow, by?.By, by?.Shadow ?? false));
        }
    }

    // Each entry once, at its nearest; of what is suppressed, what is enforced first. In the order of matches.
    private static IEnumerable<(Found Found, HashValue Value, bool Shadow, string? By, bool ByShadow)> Once(
        IEnumerable<(Found Found, HashValue Value, bool Shadow, string? By, bool ByShadow)> all,
        bool enforcedFirst = false) => all
        .GroupBy(each => (each.Found.List, each.Found.ExternalId))
        .Select(group => group.OrderBy(each => enforcedFirst && each.ByShadow)
            .ThenBy(each => each.Found.Distance).ThenBy(each => each.Found.Frame).First())
        .OrderByDescending(each => each.Found.Action)
        .ThenBy(each => each.Found.Distance)
        .ThenBy(each => each.Found.List, StringComparer.Ordinal)
        .ThenByDescending(each => each.Found.Type)
        .ThenBy(each => each.Value);

    private static ModelList List(string name, ListKind kind, Random random, PdqHash[] centres)
    {
        List<HashEntry> entries = [.. Enumerable.Range(0, random.Next(1, kind == ListKind.Match ? 40 : 4)).Select(i =>
            Samples.Entry(
                Samples.Near(random, centres[random.Next(2)], random.Next(25)),
                $"h{i}",
                random.Next(6) == 0 ? new ManualTime().GetUtcNow() : null) with
            {
                Classification = random.Next(2) == 0 ? HashEntry.Disputed : "A1",
            })];
        // Digests that lists share.
        entries.Add(new HashEntry
        {
            Type = HashType.Sha256,
            Value = new HashValue(1, 2, 3, (ulong)random.Next(1, 3)),
            ExternalId = "digest",
        });
        MatchPolicy policy = new()
        {
            Kind = kind,
            Shadow = random.Next(4) == 0,
            Action = random.Next(3) == 0 ? MatchAction.Review : MatchAction.Block,
            MaxDistance = random.Next(kind == ListKind.Match ? 40 : 20),
            Suppresses = kind == ListKind.Negative && random.Next(2) == 0
                ? new ListNames([$"l{random.Next(4)}"])
                : ListNames.Every,
        };
        entries = [.. entries.DistinctBy(Samples.KeyOf)];
        return new ModelList(
            new IndexedList(name, 1, policy, Contents.Of(entries)), entries.ToDictionary(Samples.KeyOf));
    }

    private (string By, bool Shadow)? Suppressor(
        ModelList list, PdqHash? hash, bool hasDigest, HashValue digest, DateTimeOffset now)
    {
        (string By, bool Shadow)[] found =
        [
            .. Entries(ListKind.Negative, now)
                .Where(each => each.List.Indexed.Policy.Suppresses.Covers(list.Indexed.Name))
                .Where(each => each.Entry.Type == HashType.Sha256
                    ? hasDigest && each.Entry.Value == digest
                    : hash?.Distance(each.Entry.Value.ToPdq()) <= each.List.Indexed.Policy.MaxDistance)
                .OrderBy(each => each.List.Indexed.Policy.Shadow)
                .ThenByDescending(each => each.Entry.Type)
                .ThenBy(each => each.List.Indexed.Name, StringComparer.Ordinal)
                .Select(each => (each.List.Indexed.Name, each.List.Indexed.Policy.Shadow)),
        ];
        return found.Length == 0 ? null : found[0];
    }

    private IEnumerable<(ModelList List, HashEntry Entry)> Entries(ListKind kind, DateTimeOffset now) =>
        from list in Lists
        where list.Indexed.Policy.Kind == kind
        from entry in list.Live.Values
        where !(entry.ExpiresAt <= now)
        select (list, entry);

    internal readonly record struct Found(
        string List, string ExternalId, int Distance, MatchAction Action, HashType Type, int Frame);

    internal sealed record Expected(
        IReadOnlyList<Found> Matches,
        IReadOnlyList<Found> Shadow,
        IReadOnlyList<(Found Match, string By, bool Shadow)> Suppressed);
}
