using Google.Protobuf;

namespace HashMatch.Cli.Driving;

/// <summary>A query, and what must come of it.</summary>
/// <param name="Bytes">The hash.</param>
/// <param name="Hex">The same as text.</param>
/// <param name="ExternalId">The entry that it is near; null when it is near none.</param>
/// <param name="Distance">From that entry.</param>
internal readonly record struct PlantedQuery(ByteString Bytes, string Hex, string? ExternalId, int Distance);
