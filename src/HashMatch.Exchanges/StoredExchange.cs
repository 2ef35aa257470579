namespace HashMatch.Exchanges;

/// <summary>An exchange as the store holds it.</summary>
public sealed record StoredExchange(string Name, ExchangeState State, long Revision);
