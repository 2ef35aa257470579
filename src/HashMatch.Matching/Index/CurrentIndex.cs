namespace HashMatch.Matching.Index;

/// <summary>Where readers find the index: one volatile reference, swapped whole.</summary>
public sealed class CurrentIndex
{
    private volatile HashIndex? _value;

    /// <summary>The newest snapshot; null until the active versions are in.</summary>
    public HashIndex? Value => _value;

    /// <summary>Replaces the snapshot.</summary>
    public void Publish(HashIndex index) => _value = index;
}
