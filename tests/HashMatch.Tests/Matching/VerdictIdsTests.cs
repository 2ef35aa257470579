using HashMatch.Matching;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class VerdictIdsTests
{
    private const int TimeLength = 10;
    private const int RandomLength = 16;

    [Fact]
    public void No_id_is_given_twice_by_any_thread()
    {
        string[][] made = new string[4][];
        Thread[] threads = [.. Enumerable.Range(0, made.Length).Select(i => new Thread(
            () => made[i] = [.. Enumerable.Range(0, 5000).Select(_ => VerdictIds.Create(DateTimeOffset.UnixEpoch))]))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(20_000, made.SelectMany(ids => ids).Distinct().Count());
    }

    [Fact]
    public void Every_random_digit_takes_every_value()
    {
        // A digit misses one of its 32 values in 10,000 ids once in 10^136 runs.
        string[] ids = [.. Enumerable.Range(0, 10_000).Select(_ => VerdictIds.Create(DateTimeOffset.UnixEpoch))];
        Assert.All(Enumerable.Range(TimeLength, RandomLength), place => Assert.Equal(
            "0123456789ABCDEFGHJKMNPQRSTVWXYZ", string.Concat(ids.Select(id => id[place]).Distinct().Order())));
        Assert.All(ids, id => Assert.Equal(new string('0', TimeLength), id[..TimeLength]));
    }
}
