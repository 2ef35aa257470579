namespace HashMatch.Load.Drive;

/// <summary>B against A.</summary>
/// <param name="Case">A case's name.</param>
/// <param name="What">What is compared.</param>
/// <param name="Ratio">Of B's figure to A's, by pairs of one round.</param>
internal sealed record Comparison(string Case, string What, RatioInterval Ratio);
