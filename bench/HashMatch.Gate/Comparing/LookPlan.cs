namespace HashMatch.Gate.Comparing;

/// <summary>When the rounds are looked at.</summary>
/// <param name="First">Rounds before the first look, 2 or more.</param>
/// <param name="Every">Rounds from look to look.</param>
/// <param name="Last">Rounds at most.</param>
internal sealed record LookPlan(int First, int Every, int Last)
{
    /// <summary>Looks at most.</summary>
    public int Looks => 1 + ((Last - First) / Every);

    /// <summary>Whether so many rounds are a look's.</summary>
    public bool IsLook(int rounds) => rounds >= First && rounds <= Last && (rounds - First) % Every == 0;
}
