using System.Net;

namespace HashMatch.Exchanges.Apis;

/// <summary>An API's answer, read to its end.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, byte[] Body, TimeSpan? RetryAfter);
