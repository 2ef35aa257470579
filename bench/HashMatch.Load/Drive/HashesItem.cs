using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>A batch of hashes that is looked up.</summary>
/// <param name="pool">Where they are, with what must come of them.</param>
/// <param name="place">The first one's.</param>
/// <param name="count">How many.</param>
internal sealed class HashesItem(QueryPool pool, int place, int count) : LoadItem
{
    public QueryPool Pool => pool;

    public int Place => place;

    public int Count => count;
}
