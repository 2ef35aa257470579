namespace HashMatch.Load.Scale;

/// <summary>Chooses among the replicas that are listed.</summary>
internal sealed class Balancer(Balancing balancing, Replica[] replicas, Draws draws)
{
    private int _next;

    /// <summary>Null when none is listed.</summary>
    public Replica? Choose() => balancing switch
    {
        Balancing.Random => Draw(),
        Balancing.RoundRobin => Next(),
        Balancing.TwoChoices => Shorter(Draw(), Draw()),
        Balancing.Shortest => Shortest(),
        _ => throw new InvalidOperationException($"{balancing} is no way to choose."),
    };

    private static Replica? Shorter(Replica? one, Replica? other) =>
        one is null || other is null || one.InHand <= other.InHand ? one : other;

    private Replica? Draw()
    {
        // Those that are not listed are few, and for a while.
        for (int i = 0; i < 64; i++)
        {
            Replica drawn = replicas[draws.Below(replicas.Length)];
            if (drawn.IsListed)
            {
                return drawn;
            }
        }

        return Array.Find(replicas, replica => replica.IsListed);
    }

    private Replica? Next()
    {
        for (int i = 0; i < replicas.Length; i++)
        {
            Replica replica = replicas[_next];
            _next = (_next + 1) % replicas.Length;
            if (replica.IsListed)
            {
                return replica;
            }
        }

        return null;
    }

    private Replica? Shortest()
    {
        // From anywhere, so that the first of those that are as short is not always the same.
        int from = draws.Below(replicas.Length);
        Replica? shortest = null;
        for (int i = 0; i < replicas.Length; i++)
        {
            Replica replica = replicas[(from + i) % replicas.Length];
            if (replica.IsListed && (shortest is null || replica.InHand < shortest.InHand))
            {
                shortest = replica;
            }
        }

        return shortest;
    }
}
