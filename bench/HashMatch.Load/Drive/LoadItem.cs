namespace HashMatch.Load.Drive;

/// <summary>What one call carries.</summary>
internal abstract class LoadItem;
