using StackExchange.Redis;

namespace HashMatch.Matching.Stores;

/// <summary>What a Redis configuration says.</summary>
/// <param name="Client">To the client.</param>
/// <param name="ConfirmReplicas">`confirmReplicas`: replicas that a write waits for; null: one where there is any.
/// </param>
internal sealed record RedisSettings(ConfigurationOptions Client, int? ConfirmReplicas);
