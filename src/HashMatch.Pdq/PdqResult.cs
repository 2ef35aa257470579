namespace HashMatch.Pdq;

/// <summary>A hash and its quality, 0 to 100; below 50 the hash says too little to be matched.</summary>
public readonly record struct PdqResult(PdqHash Hash, int Quality);
