namespace HashMatch.Benchmarks.Peers;

/// <summary>A benchmark that is left out where its peer is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerAttribute(PeerKind kind) : Attribute
{
    public PeerKind Kind => kind;
}
