namespace HashMatch.Load.Scale;

/// <summary>How a change spread; times are seconds from its activation.</summary>
/// <param name="StoreBytes">Sent by the store.</param>
/// <param name="FirstFetched">The first replica has all of it.</param>
/// <param name="LastFetched">The last one has.</param>
/// <param name="FirstReady">The first one matches by it.</param>
/// <param name="LastReady">All do.</param>
internal sealed record FanOutFigures(
    double StoreBytes, double FirstFetched, double LastFetched, double FirstReady, double LastReady);
