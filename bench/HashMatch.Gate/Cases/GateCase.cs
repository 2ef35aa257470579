namespace HashMatch.Gate.Cases;

/// <summary>One path of the product, an operation at a time.</summary>
internal abstract class GateCase
{
    /// <summary>Whether an operation is done by the thread that asks for it, and by no other.</summary>
    public virtual bool IsOnOneThread => true;

    /// <summary>Operations that are enough to count instructions: what is beside them is some thousands.</summary>
    public virtual int CountedOperations => 20;

    /// <summary>Does one operation.</summary>
    /// <exception cref="InvalidOperationException">Its answer is wrong.</exception>
    public abstract void Run();
}
