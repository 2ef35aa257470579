namespace HashMatch.Matching;

/// <summary>What policy asks the caller to do; a larger value is stricter.</summary>
public enum MatchAction : byte
{
    Allow = 0,
    Review = 1,
    Block = 2,
}
